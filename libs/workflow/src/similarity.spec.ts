import { describe, expect, it } from 'vitest';
import { checkWorkflow } from './check-workflow.js';
import type { Program } from './ir.js';
import { workflowGrammar } from './grammar/grammar.js';
import { enrich } from './python/enrich.js';
import { similarity } from './similarity.js';
import { parseGbnf, sampleGbnf } from './testing/gbnf.js';
import { seededRandom } from './testing/random.js';

function program(text: string): Program {
  const checked = checkWorkflow(
    `class W:\n    async def __call__(self, problem):\n${text.replace(/^/gm, '        ')}`,
  );
  if (!checked.program) throw new Error(JSON.stringify(checked.diagnostics));
  return checked.program;
}

/** The same program with other names, indentation, comments and empty lines. */
function inOtherWords(source: string): string {
  return source
    .replace(/\b(?:s[1-9]|solutions|check|t0|n0|l0|d0|words|word)\b(?!=)/g, (name) => `my_${name}`)
    .replace('class Workflow', 'class Other')
    .replace(/^ +/gm, (indent) => ' '.repeat(indent.length / 2))
    .replace(/^(\s*)return /gm, '\n$1# the answer\n$1return ')
    .replaceAll(' = ', '  =  ');
}

describe('similarity', () => {
  const a = program('r = await self.custom(input=problem, instruction="A")\nreturn r["response"]');

  it('is 1 for programs that differ in names, texts and layout only', () => {
    const b = program(
      '# one call\nanswer = await self.custom(instruction="B",\n    input=problem)\nreturn (answer["response"])',
    );
    expect(similarity(a, b)).toBe(1);
  });

  it('falls with each difference, whatever the order of the two', () => {
    const b = program('r = await self.programmer(problem=problem)\nreturn r["output"]');
    const c = program(
      'x = []\nfor _ in range(3):\n    r = await self.custom(input=problem)\n    x.append(r["response"])\nb = await self.sc_ensemble(solutions=x)\nreturn b["response"]',
    );
    expect(similarity(a, b)).toBeLessThan(1);
    expect(similarity(a, c)).toBeLessThan(similarity(a, b));
    expect(similarity(c, a)).toBeCloseTo(similarity(a, c), 12);
    expect(similarity(a, c)).toBeGreaterThan(0);
  });

  it('counts edits as the formula says', () => {
    const short = program('return await self.custom(input=problem)');
    const longer = program('x = 1\nreturn await self.custom(input=problem)');
    // program, function, return, subscript with its key, operator, parameter, name; and assign, int, name more.
    expect(similarity(short, longer)).toBeCloseTo(1 - 3 / (8 + 11), 12);
  });

  it('knows a program in other words, and is symmetric and within 0 and 1', () => {
    const random = seededRandom(31);
    const grammar = parseGbnf(workflowGrammar());
    let before = a;
    for (let i = 0; i < 60; i++) {
      const plain = sampleGbnf(grammar, 'program', random);
      const source = i % 2 === 0 ? plain : enrich(plain, random);
      const { program: one } = checkWorkflow(source);
      const { program: other, valid } = checkWorkflow(inOtherWords(source));
      if (!one || !other || !valid) throw new Error(inOtherWords(source));
      expect(similarity(one, other), source).toBe(1);
      const distance = similarity(one, before);
      expect(similarity(before, one)).toBeCloseTo(distance, 12);
      expect(distance).toBeGreaterThanOrEqual(0);
      expect(distance).toBeLessThanOrEqual(1);
      before = one;
    }
  });
});
