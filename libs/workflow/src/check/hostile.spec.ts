import { describe, expect, it } from 'vitest';
import { checkWorkflow, MAX_SOURCE_BYTES } from '../check-workflow.js';
import { MAX_DIAGNOSTICS } from '../diagnostics.js';
import { classAround } from '../interpreter/testing/run-source.js';

const ask = 'r = await self.custom(input=problem)\nreturn r["response"]';
const helper = (text: string): string =>
  `class W:\n    def again(self, x):\n        return ${text}\n    async def __call__(self, problem):\n        r = await self.custom(input=problem)\n        return self.again(r["response"])\n`;

/** What the interpreter must never be given: each is refused before anything runs. */
const HOSTILE: readonly (readonly [string, string, string])[] = [
  ['a walk over classes', 'x = ().__class__.__bases__[0].__subclasses__()', 'FW115'],
  ['globals of a function', 'f = lambda: 1\nx = f.__globals__', 'FW115'],
  ['a code object', 'f = lambda: 1\nx = f.__code__', 'FW115'],
  ['the dict of self', 'x = self.__dict__', 'FW112'],
  ['the class of self', 'x = self.__class__', 'FW112'],
  ['a prototype', 'x = problem.__proto__', 'FW115'],
  ['a constructor', 'x = problem.constructor', 'FW115'],
  ['getattr', 'x = getattr(problem, "upper")', 'FW113'],
  ['eval', 'x = eval("1")', 'FW113'],
  ['exec', 'exec("x = 1")', 'FW113'],
  ['import by name', 'x = __import__("os")', 'FW113'],
  ['import', 'import os', 'FW114'],
  ['import of a part', 'from os.path import join', 'FW114'],
  ['import under a harmless name', 'import subprocess as json', 'FW114'],
  ['open', 'x = open("/etc/passwd")', 'FW113'],
  ['builtins', 'x = __builtins__', 'FW102'],
  ['the model', 'x = self.llm.api_key', 'FW112'],
  ['a lambda that calls itself', 'f = lambda n: f(n)\nx = f(1)', 'FW211'],
  ['a sort key that calls itself', 'def k(x):\n    return sorted([x], key=k)\nx = k(1)', 'FW211'],
  [
    'functions that call each other',
    'def f(n):\n    return g(n)\ndef g(n):\n    return f(n)\nx = f(1)',
    'FW211',
  ],
  ['a coroutine of the event loop', 'asyncio.get_event_loop()', 'FW113'],
  ['a class inside', 'class A:\n    pass', 'FW020'],
  ['a decorator', '@problem\ndef f():\n    return 1', 'FW020'],
  ['a generator', 'yield 1', 'FW020'],
  ['deleting', 'del problem', 'FW020'],
  ['an operator as value', 'x = [self.custom]', 'FW117'],
];

describe('hostile programs', () => {
  it.each(HOSTILE)('%s is refused', (_, lines, code) => {
    const { valid, diagnostics } = checkWorkflow(classAround(`${lines}\n${ask}`));
    expect(valid).toBe(false);
    expect(diagnostics.map((item) => item.code)).toContain(code);
  });

  it.each([
    ['a method', 'self.again(x)'],
    ['a lambda in it', '(lambda y: self.again(y))(x)'],
    ['a sort key', 'sorted([x], key=lambda y: self.again(y))'],
    ['a comprehension', '[self.again(y) for y in [x]]'],
  ])('recursion through %s is refused', (_, text) => {
    expect(checkWorkflow(helper(text)).diagnostics.map((item) => item.code)).toContain('FW211');
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'valueOf'])(
    'the name %s is a name like any other',
    (name) => {
      const used = checkWorkflow(
        classAround(
          `${name} = {"${name}": problem}\nr = await self.custom(input=${name}["${name}"])\nreturn r["response"]`,
        ),
      );
      expect(used.diagnostics).toEqual([]);
      expect(used.valid).toBe(true);
      const unknown = checkWorkflow(classAround(`x = ${name}\nself.${name}(problem)\n${ask}`)).diagnostics;
      expect(unknown.map((item) => item.code)).toEqual(['FW102', 'FW101']);
      const operator = checkWorkflow(
        classAround(`r = await self.custom(${name}=problem)\nreturn r["${name}"]`),
      );
      expect(operator.diagnostics.map((item) => item.code)).toContain('FW104');
    },
  );

  it.each([
    ['tuples', 'x = ()\nfor i in range(100):\n    x = (x, x)'],
    ['lists of pairs', 'x = [1]\nfor i in range(100):\n    x = list(zip(x, x))'],
    ['results of functions', 'f = lambda y: (y, y)\nx = 1\nfor i in range(100):\n    x = f(x)'],
    ['tuples without a loop', `x = 1${'\nx = (x, x)'.repeat(200)}`],
  ])('%s that double at each step are checked', (_, lines) => {
    expect(checkWorkflow(classAround(`${lines}\n${ask}`)).valid).toBe(true);
  });

  /** Names of one length that are near to each other, so that each would be compared with each. */
  const names = (count: number, first = ''): string[] =>
    Array.from({ length: count }, (_, i) => first + String(i).padStart(6, '0').replace(/\d/g, letterOf));
  const letterOf = (digit: string): string => 'abcdefghij'.charAt(Number(digit));
  const fill = (part: string): string => part.repeat(Math.floor((MAX_SOURCE_BYTES - 400) / part.length));

  it.each([
    ['names that are nearly defined', `${names(6_000).join('=')}=1\nx = [${names(9_000, 'Q').join(',')}]`],
    ['attributes that are nearly set', `x = [${names(4_000, 'self.').join(',')}]`],
    ['a target of very many names', `${fill('a,')} = x`],
    ['a text of very many unknown names', `x = f'${fill('{a}')}'`],
    ['a text of very many formats', `x = f'${fill('{a:{b}}')}'`],
    ['a chain of attributes', `x = a${fill('.b')}`],
    ['a comprehension of very many conditions', `x = [a for a in b ${fill('if a ')}]`],
    ['very many assignments at once', `${fill('a = ')}1`],
    ['very many statements on a line', fill('x = 1;')],
  ])('%s are checked in bounded time', { timeout: 60_000 }, (_, lines) => {
    const before = process.threadCpuUsage();
    const { diagnostics } = checkWorkflow(classAround(lines));
    expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(4_000);
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(diagnostics.length).toBeLessThanOrEqual(MAX_DIAGNOSTICS);
  });
});
