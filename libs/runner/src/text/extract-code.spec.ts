import { describe, expect, it } from 'vitest';
import { definesFunction, extractCode } from './extract-code.js';

const fenced = (code: string): string => `\`\`\`python\n${code}\n\`\`\``;

describe('extractCode', () => {
  it.each([
    ['a code block', `Here you are:\n${fenced('def f(x):\n    return x')}\nIt works.`],
    ['bare code in text', 'Here is the code:\ndef f(x):\n    return x\nHope this helps!'],
    ['a block without an end', '```python\ndef f(x):\n    return x'],
    ['an indented block', '  ```python\n  def f(x):\n      return x\n  ```'],
    ['calls, prints and tests', fenced('def f(x):\n    return x\n\nprint(f(1))\nassert f(2) == 2\nf(3)')],
    [
      'a main block',
      fenced('def f(x):\n    return x\n\nif __name__ == "__main__":\n    x = f(1)\n    print(x)'),
    ],
    ['a later block of usage', `${fenced('def f(x):\n    return x')}\nUse:\n${fenced('print(f(1))')}`],
    [
      'an earlier draft',
      `${fenced('def f(x):\n    return 0')}\nBetter:\n${fenced('def f(x):\n    return x')}`,
    ],
    ['a stub that follows', fenced('def f(x):\n    return x\n\ndef f(x):\n    ...')],
    [
      'a broken draft that follows',
      `${fenced('def f(x):\n    return x')}\n${fenced('def f(x):\n    return (x')}`,
    ],
    ['unused helpers', fenced('import os\nLIMIT = 3\n\ndef g():\n    pass\n\ndef f(x):\n    return x')],
    [
      'code that was cut off after the function',
      fenced('def f(x):\n    return x\n\ndef g(y):\n    return [y,'),
    ],
    [
      'a locals that share a global name',
      fenced('y = int(input())\n\ndef f(x):\n    return x').replace('y =', 'x ='),
    ],
  ])('leaves out %s', (_, answer) => {
    expect(extractCode(answer, 'f')).toBe('def f(x):\n    return x\n');
  });

  it.each([
    [
      'imports',
      'import math\nfrom typing import List as L\n\n\ndef f(x: L[int]):\n    return math.floor(x[0])\n',
    ],
    [
      'imports that can fail',
      'try:\n    import numpy as np\nexcept ImportError:\n    np = None\n\ndef f(x):\n    return np\n',
    ],
    [
      'helpers, transitively',
      'A = 1\n\ndef h():\n    return A\n\ndef g():\n    return h()\n\ndef f(x):\n    return g()\n',
    ],
    ['classes', 'class P:\n    def __init__(self, x):\n        self.x = x\n\ndef f(x):\n    return P(x).x\n'],
    ['decorators', 'from functools import cache\n\n@cache\ndef f(x):\n    return x\n'],
    [
      'globals that it changes',
      'count = 0\n\ndef f(x):\n    global count\n    count += x\n    return count\n',
    ],
    ['star imports', 'from math import *\n\ndef f(x):\n    return sqrt(x)\n'],
    ['names in f-strings and defaults', 'D = 2\nN = "n"\n\ndef f(x=D):\n    return f"{N}{x}"\n'],
    ['functions by assignment', 'g = lambda x: x\nf = g\n'],
    ['asynchronous functions', 'async def f(x):\n    return x\n'],
    ['mutual recursion', 'def g(x):\n    return f(x - 1)\n\ndef f(x):\n    return g(x) if x else 0\n'],
    [
      'valid code that the grammar does not know',
      'def f(x):\n    with a() as (b, c):\n        d = 1\n    return d\n',
    ],
  ])('keeps %s', (_, code) => {
    const squeezed = (text: string): string => text.replace(/\n{2,}/g, '\n');
    expect(squeezed(extractCode(fenced(`${code}\nprint(f(1))`), 'f'))).toBe(squeezed(code));
  });

  it('takes off the broken end of a function that was cut off', () => {
    const answer = fenced('def f(x):\n    if x:\n        return 1\n    return g(x,').replace(/\n```$/, '');
    expect(extractCode(answer, 'f')).toBe('def f(x):\n    if x:\n        return 1\n');
  });

  it('joins what several blocks define', () => {
    const answer = `${fenced('def g():\n    return 1')}\nand\n${fenced('def f(x):\n    return g()')}`;
    expect(extractCode(answer, 'f')).toBe('def g():\n    return 1\n\ndef f(x):\n    return g()\n');
  });

  it('keeps what the given program defines beside the entry point', () => {
    const given =
      'from typing import List\n\ndef encode(s: str):\n    return s[::-1]\n\ndef f(s: List[int]):\n    """Decodes."""\n';
    const answer = fenced('def f(s: List[int]):\n    return s');
    expect(extractCode(answer, 'f', given)).toBe(
      'from typing import List\n\ndef encode(s: str):\n    return s[::-1]\n\ndef f(s: List[int]):\n    return s\n',
    );
    const whole = `${given}    return encode(s)\n`;
    expect(extractCode(fenced(whole), 'f', given).match(/def encode/g)).toHaveLength(1);
  });

  it('gives the longest program where the function is not defined', () => {
    expect(extractCode(`${fenced('x = (')}\n${fenced('y = 1\nz = 2')}`, 'f')).toBe('y = 1\nz = 2');
    expect(extractCode('no code', 'f')).toBe('no code');
    expect(extractCode(`Text\n${fenced('n = int(input())\nprint(n)')}`, '')).toBe(
      'n = int(input())\nprint(n)',
    );
  });

  it.each([
    ['deep nesting', `def f(x):\n    return ${'('.repeat(30_000)}`],
    ['many lines', `def f(x):\n    return [\n${'    1,\n'.repeat(9_000)}`],
    ['many definitions', 'a = 1\n'.repeat(10_000) + 'def f(x):\n    return a'],
    ['too much code', `def f(x):\n    return 1\n${'#'.repeat(300_000)}`],
  ])('takes %s in bounded time', (_, code) => {
    const before = process.threadCpuUsage();
    expect(typeof extractCode(code, 'f', code)).toBe('string');
    expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(5_000);
  });
});

describe('definesFunction', () => {
  it('knows programs, fenced or not, from text', () => {
    expect(definesFunction('def f():\n    return 1', 'f')).toBe(true);
    expect(definesFunction(fenced('def f():\n    return 1'), 'f')).toBe(true);
    expect(definesFunction('The function f returns 1.', 'f')).toBe(false);
    expect(definesFunction('def g():\n    f()', 'f')).toBe(false);
  });
});
