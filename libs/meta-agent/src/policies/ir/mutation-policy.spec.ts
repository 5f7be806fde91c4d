import { checkWorkflow } from '@flowreasoner/workflow';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../solve/seeded-random.js';
import type { PastRound, PolicyContext } from '../policy.js';
import { hooksWithoutModel, policyContext } from '../testing/policy-context.js';
import type { ShapeSpace } from '../workflow-shape.js';
import { operatorStatements, printSource } from './edit-program.js';
import { heldCalls, holdProblem, nothingHeld, type HeldCalls } from './held-calls.js';
import { createMutationPolicy, irMutations } from './mutation-policy.js';

const all = [
  ...['custom', 'custom_code_generate', 'answer_generate', 'multi_generate', 'sc_ensemble'],
  ...['md_ensemble', 'test', 'review', 'revise', 'format'],
];
const code: ShapeSpace = { task: 'code', hasChecks: true, operators: new Set(all) };
const answer: ShapeSpace = { task: 'answer', hasChecks: false, operators: new Set(all) };

/** A workflow of a user's own: generate, vote, test, format. */
const own = `<graph>
class Mine:
    def __init__(self, name, llm_config, dataset):
        self.llm = create(llm_config)
        self.gen = operator.CustomCodeGenerate(self.llm)
        self.vote = operator.ScEnsemble(self.llm)
        self.check = operator.Test(self.llm)

    async def __call__(self, problem: str, entry_point: str):
        found = []
        for _ in range(3):
            one = await self.gen(problem=problem, entry_point=entry_point, instruction=prompt_custom.SOLVE)
            found.append(one['response'])
        best = await self.vote(solutions=found, problem=problem)
        tested = await self.check(problem=problem, solution=best['response'], entry_point=entry_point)
        return tested['solution']
</graph>
<prompt>
SOLVE = """Solve it."""
</prompt>`;

const asked = `class Mine:
    def __init__(self, name, llm_config, dataset):
        self.custom = operator.Custom(self.llm)
    async def __call__(self, problem):
        first = await self.custom(input=problem, instruction="Think.")
        return first['response']
`;

function contextFor(
  history: readonly PastRound[],
  seed: number,
  change: Partial<PolicyContext> = {},
): PolicyContext {
  return policyContext({
    round: history.length + 1,
    history,
    parent: history.at(-1),
    seed,
    ...change,
  });
}

function past(round: number, source: string): PastRound {
  const { normalForm } = checkWorkflow(source);
  return {
    round,
    source,
    normalForm,
    temperature: undefined,
    modification: '',
    score: 0,
    feedback: '',
    parentScore: 0,
  };
}

/** Rounds that grow from one another. */
async function grow(source: string, space: ShapeSpace, held: HeldCalls, seed: number, rounds = 6) {
  const policy = createMutationPolicy({ space, held });
  const history = [past(1, source)];
  for (let round = 2; round <= rounds; round++) {
    const proposal = await policy.plan(contextFor(history, seed))?.propose([], hooksWithoutModel);
    if (proposal === undefined) break;
    history.push({ ...past(round, proposal.source), modification: proposal.modification });
  }
  return history;
}

describe('typed mutations', () => {
  it.each([
    ['code', own, code],
    ['answers', asked, answer],
  ])('of %s give valid workflows that are never tried twice', async (_name, source, space) => {
    for (let seed = 0; seed < 6; seed++) {
      const history = await grow(source, space, nothingHeld, seed);
      expect(history).toHaveLength(6);
      expect(new Set(history.map((each) => each.normalForm)).size).toBe(6);
      for (const each of history) {
        const { valid, diagnostics } = checkWorkflow(each.source);
        expect(valid, `${each.source}\n${JSON.stringify(diagnostics)}`).toBe(true);
      }
    }
  });

  it.each(irMutations.map((mutation) => [mutation.name, mutation] as const))(
    '%s changes the program',
    (_name, mutation) => {
      const source = mutation.name === 'wrap in an ensemble' ? asked : own;
      const space = mutation.name === 'wrap in an ensemble' ? answer : code;
      const { program, normalForm } = checkWorkflow(source);
      if (program === undefined) throw new Error('the workflow is not valid');
      const target = { program, space, statements: operatorStatements(program), isHeld: () => false };
      const changed = Array.from({ length: 20 }, (_, seed) =>
        mutation.apply(target, seededRandom(seed, 'm')),
      );
      const results = changed.flatMap((each) =>
        each === undefined ? [] : [checkWorkflow(printSource(each, ''))],
      );
      expect(results.every((each) => each.valid)).toBe(true);
      expect(results.some((each) => each.normalForm !== normalForm)).toBe(true);
    },
  );

  it('keep prompts, and add those of the library', async () => {
    const sources = (
      await Promise.all([1, 2, 3, 4].map((seed) => grow(own, code, nothingHeld, seed)))
    ).flat();
    expect(sources.some((each) => /\nEDGE_CASES = |\nSTEPS = |\nEXAMPLES = /.test(each.source))).toBe(true);
    expect(
      sources.every(
        (each) => !each.source.includes('prompt_custom.SOLVE') || each.source.includes('\nSOLVE = '),
      ),
    ).toBe(true);
  });

  it('depend on the seed alone', async () => {
    const [a, b, c] = await Promise.all([3, 3, 4].map((seed) => grow(own, code, nothingHeld, seed)));
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });

  it('fit what is left of the budget', async () => {
    const policy = createMutationPolicy({ space: answer, held: nothingHeld });
    const remaining = { costUsd: undefined, tokens: undefined, modelCalls: 1, sandboxMs: undefined };
    for (let seed = 0; seed < 10; seed++) {
      const context = contextFor([past(1, asked)], seed, { remaining });
      const source = (await policy.plan(context)?.propose([], hooksWithoutModel))?.source ?? asked;
      expect(checkWorkflow(source).bounds?.least.modelCalls).toBeLessThanOrEqual(1);
    }
  });
});

describe('held calls', () => {
  it.each([['test'], ['sc_ensemble'], ['custom_code_generate'], ['custom_code_generate@12']])(
    '%s stays as it is while the others change',
    async (name) => {
      const held = heldCalls(own, [name]);
      expect(held).toMatchObject({ unknown: [] });
      expect(held.calls.size).toBe(1);
      const [call = ''] = [...held.calls.keys()];
      for (let seed = 0; seed < 4; seed++) {
        const history = await grow(own, code, held, seed);
        expect(history.length).toBeGreaterThan(2);
        for (const each of history) {
          expect(checkWorkflow(each.source).normalForm).toContain(call.split('\n')[0]?.replace('await ', ''));
          expect(holdProblem(each.source, held)).toBeUndefined();
        }
      }
    },
  );

  it('are found out when a workflow changes them or the text they name', () => {
    const held = heldCalls(own, ['custom_code_generate']);
    expect(holdProblem(own, held)).toBeUndefined();
    expect(holdProblem(own.replace('"""Solve it."""', '"""Guess."""'), held)).toMatch(/has to stay as it is/);
    expect(holdProblem(own.replace(', instruction=prompt_custom.SOLVE', ''), held)).toMatch(/self\.gen\(/);
    expect(holdProblem(own.replace('range(3)', 'range(5)'), held)).toBeUndefined();
  });

  it('are named when the workflow has none of them', () => {
    expect(heldCalls(own, ['format', 'test@2', 'test']).unknown).toEqual(['format', 'test@2']);
  });
});
