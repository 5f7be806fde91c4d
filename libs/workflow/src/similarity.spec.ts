import { describe, expect, it } from 'vitest';
import { checkWorkflow } from './check-workflow.js';
import type { Program } from './ir.js';
import { similarity } from './similarity.js';

function program(text: string): Program {
  const checked = checkWorkflow(
    `class W:\n    async def __call__(self, problem):\n${text.replace(/^/gm, '        ')}`,
  );
  if (!checked.program) throw new Error(JSON.stringify(checked.diagnostics));
  return checked.program;
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
});
