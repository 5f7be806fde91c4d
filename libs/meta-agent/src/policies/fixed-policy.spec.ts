import { checkWorkflow } from '@flowreasoner/workflow';
import { describe, expect, it } from 'vitest';
import { createFixedPolicy, fixedNameProblem, fixedWorkflowNames } from './fixed-policy.js';
import { hooksWithoutModel, policyContext } from './testing/policy-context.js';
import { shapeOf, type ShapeSpace, type WorkflowShape } from './workflow-shape.js';

const all = ['custom', 'custom_code_generate', 'multi_generate', 'sc_ensemble', 'test', 'review', 'revise'];
const code: ShapeSpace = { task: 'code', hasChecks: true, operators: new Set(all) };
const answer: ShapeSpace = { task: 'answer', hasChecks: false, operators: new Set(all) };
const bare: ShapeSpace = { ...code, operators: new Set(['custom', 'custom_code_generate']) };

const context = policyContext();

async function sourceOf(text: string, space = code): Promise<string> {
  const policy = createFixedPolicy(text, space);
  expect(policy.plan(policyContext({ round: 2 }))).toBeUndefined();
  return (await policy.plan(context)?.propose([], hooksWithoutModel))?.source ?? '';
}

async function shapeFrom(text: string): Promise<WorkflowShape | undefined> {
  const source = await sourceOf(text);
  expect(checkWorkflow(source, { operators: all }).valid, source).toBe(true);
  return shapeOf(source);
}

describe('the fixed policy', () => {
  it.each(fixedWorkflowNames)('proposes %s once, as a valid workflow', async (name) => {
    expect(checkWorkflow(await sourceOf(name), { operators: all }).valid).toBe(true);
  });

  it('tells the names when one is unknown, and what a task or a runner lacks', () => {
    expect(() => createFixedPolicy('toString', code)).toThrow(/single, best-of-n, self-consistency/);
    expect(() => createFixedPolicy('best-of-n', answer)).toThrow(/for tasks that ask for a program/);
    expect(() => createFixedPolicy('test-repair', bare)).toThrow(/needs the operator test/);
  });

  it('takes parameters', async () => {
    expect(await shapeFrom('best-of-n,samples=32,temperature=1.25')).toMatchObject({
      samples: 32,
      select: 'passing',
      temperature: 1.25,
    });
    expect(await shapeFrom('test-repair,repair=10,review=true')).toMatchObject({ repair: 10, review: true });
    const plan = createFixedPolicy('best-of-n,samples=2', code).plan(context);
    expect(plan?.summary).toBe('best-of-n: 2 samples, picked by the visible checks');
  });

  it.each([
    ['best-of-n,samples=33', 'it takes a whole number from 1 to 32'],
    ['best-of-n,samples=0', 'it takes a whole number from 1 to 32'],
    ['best-of-n,samples=1e1', 'can\'t set samples to "1e1"'],
    ['test-repair,repair=11', 'it takes a whole number from 0 to 10'],
    ['single,temperature=2.1', 'it takes a number from 0 to 2'],
    ['single,review=yes', 'it takes true or false'],
    ['single,instruction=NONE', 'it takes one of PLAIN'],
    ['single,__proto__=1', 'has no parameter "__proto__"; there are: samples, repair'],
    ['single,', 'has no parameter ""'],
    ['single,review=true,review=true', 'sets review twice'],
  ])('refuses %s', (text, words) => {
    expect(fixedNameProblem(text)).toContain(words);
    expect(() => createFixedPolicy(text, code)).toThrow(words);
  });

  it('refuses a parameter that has no effect, before there is a task where it has none for any', () => {
    expect(fixedNameProblem('single,samples=4')).toBe('samples has no effect in fixed:single');
    expect(fixedNameProblem('single,instruction=PLAIN,repair=1')).toBeUndefined();
    expect(() => createFixedPolicy('single,repair=1', { ...code, hasChecks: false })).toThrow(
      'repair has no effect in fixed:single for this task',
    );
  });
});
