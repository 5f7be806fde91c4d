import { checkWorkflow } from '@flowreasoner/workflow';
import { describe, expect, it } from 'vitest';
import { chooseParent } from '../solve/choose-parent.js';
import { seededRandom } from '../solve/seeded-random.js';
import type { PastRound, Policy, PolicyContext, Proposal } from './policy.js';
import { renderShape } from './render-shape.js';
import { callsAllowed, createSearchPolicy } from './search-policy.js';
import { hooksWithoutModel, policyContext } from './testing/policy-context.js';
import { fitShape, modelCallsOf, seedShape, shapeKey, shapeOf, type ShapeSpace } from './workflow-shape.js';

const all = ['custom', 'custom_code_generate', 'multi_generate', 'sc_ensemble', 'test', 'review', 'revise'];
const code: ShapeSpace = { task: 'code', hasChecks: true, operators: new Set(all) };
const noChecks: ShapeSpace = { ...code, hasChecks: false };
const answer: ShapeSpace = { task: 'answer', hasChecks: false, operators: new Set(all) };
const bare: ShapeSpace = { ...code, operators: new Set(['custom', 'custom_code_generate']) };
const unlimited = { costUsd: undefined, tokens: undefined, modelCalls: undefined, sandboxMs: undefined };

interface Played {
  readonly round: number;
  readonly proposal: Proposal;
}

/** Plays rounds whose scores come from the seed, unless they are given. */
async function play(
  policy: Policy,
  seed: number,
  rounds: number,
  change: Partial<PolicyContext> = {},
  scoreOf?: (round: number) => number,
  isCut?: (source: string) => boolean,
): Promise<Played[]> {
  const history: PastRound[] = [];
  const played: Played[] = [];
  const scores = seededRandom(seed, 'scores');
  for (let round = 1; round <= rounds; round++) {
    const parent = chooseParent(history, seededRandom(seed, round, 'parent'));
    const roundsLeft = rounds - round + 1;
    const plan = policy.plan(policyContext({ round, history, parent, roundsLeft, seed, ...change }));
    const proposal = await plan?.propose([], hooksWithoutModel);
    if (proposal === undefined) break;
    played.push({ round, proposal });
    history.push({
      round,
      source: proposal.source,
      normalForm: proposal.source,
      temperature: proposal.temperature,
      modification: proposal.modification,
      score: scoreOf?.(round) ?? Math.round(scores.next() * 4) / 4,
      feedback: ['Visible checks passed: 1 of 2', 'It took too long (9 ms).', 'SyntaxError'][round % 3] ?? '',
      parentScore: parent?.score,
      isCutByBudget: isCut?.(proposal.source) ?? false,
    });
  }
  return played;
}

describe('the search policy', () => {
  it('proposes only valid, new workflows of gradually growing cost, from a cheap first one, for 1,000 seeds', async () => {
    const spaces = [code, noChecks, answer, bare];
    const checked = new Map<string, boolean>();
    for (let seed = 0; seed < 1_000; seed++) {
      const space = spaces[seed % spaces.length] ?? code;
      const played = await play(createSearchPolicy(space), seed, 6);
      const keys = played.map(({ proposal }) => shapeKey(shapeOf(proposal.source) ?? seedShape('code')));
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys[0]).toBe(shapeKey(seedShape(space.task)));
      for (const { round, proposal } of played) {
        const shape = shapeOf(proposal.source);
        if (shape === undefined) throw new Error(`no shape in ${proposal.source}`);
        expect(modelCallsOf(shape).greatest).toBeLessThanOrEqual(callsAllowed(round));
        expect(fitShape(shape, space)).toEqual(shape);
        const valid = checked.get(proposal.source) ?? isValid(proposal.source, space);
        checked.set(proposal.source, valid);
        expect(valid, proposal.source).toBe(true);
      }
    }
    expect(checked.size).toBeGreaterThan(500);
  }, 120_000);

  it('draws ever more samples as long as nothing comes near, most of what a round may cost', async () => {
    for (let seed = 0; seed < 100; seed++) {
      const played = await play(createSearchPolicy(code), seed, 4, {}, () => 0);
      const samples = played.map(({ proposal }) => shapeOf(proposal.source)?.samples ?? 0);
      expect(samples[0]).toBe(1);
      expect(samples[1]).toBeGreaterThanOrEqual(6);
      expect(samples[2]).toBeGreaterThanOrEqual(12);
      expect(samples[3]).toBeGreaterThanOrEqual(24);
    }
  });

  it('repeats itself for equal seeds, and differs between seeds', async () => {
    const sources = async (seed: number): Promise<string[]> =>
      (await play(createSearchPolicy(code), seed, 6)).map(({ proposal }) => proposal.source);
    expect(await sources(5)).toEqual(await sources(5));
    expect(await sources(5)).not.toEqual(await sources(6));
  });

  it('goes on to another workflow when one is rejected', async () => {
    const policy = createSearchPolicy(code);
    const [first] = await play(policy, 1, 1);
    if (first === undefined) throw new Error('nothing was proposed');
    const plan = policy.plan(policyContext({ round: 2, seed: 1 }));
    const rejected = [{ proposal: first.proposal, normalForm: '', problems: ['no'] }];
    const next = await plan?.propose(rejected, hooksWithoutModel);
    expect(next?.source).toBeDefined();
    expect(next?.source).not.toBe(first.proposal.source);
  });

  it('proposes cheaper workflows than any that the budget has cut', async () => {
    for (let seed = 0; seed < 15; seed++) {
      const policy = createSearchPolicy(code);
      const dear = { ...seedShape('code'), samples: 4, select: 'passing' } as const;
      const cut: PastRound = {
        round: 5,
        source: renderShape(dear, ''),
        normalForm: '',
        temperature: undefined,
        modification: '',
        score: 0,
        feedback: '',
        parentScore: 0,
        isCutByBudget: true,
      };
      for (const { proposal } of await play(policy, seed, 7, { history: [cut], parent: cut, round: 6 })) {
        const shape = shapeOf(proposal.source) ?? dear;
        expect(modelCallsOf(shape).greatest).toBeLessThan(modelCallsOf(dear).greatest);
      }
    }
  });

  it('comes down to what the budget holds before a run gives up', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const isCut = (source: string): boolean => (shapeOf(source)?.samples ?? 0) > 3;
      const played = await play(createSearchPolicy(code), seed, 4, {}, () => 0, isCut);
      const cuts = played.map(({ proposal }) => isCut(proposal.source));
      expect(cuts.filter(Boolean).length, `seed ${seed}`).toBeLessThan(3);
      expect(cuts.slice(2)).toContain(false);
    }
  });

  it('keeps within the model calls that are left, and goes on sampling with them', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const remaining = { ...unlimited, modelCalls: 5 };
      const played = await play(createSearchPolicy(code), seed, 3, { remaining }, () => 0);
      for (const { round, proposal } of played) {
        const shape = shapeOf(proposal.source) ?? seedShape('code');
        expect(modelCallsOf(shape).least).toBeLessThanOrEqual(5);
        if (round > 1) expect(shape.samples).toBeGreaterThanOrEqual(4);
      }
    }
  });

  it('is exhausted when every affordable workflow was tried', async () => {
    const played = await play(createSearchPolicy(bare), 3, 50);
    expect(played.length).toBeGreaterThan(5);
    expect(played.length).toBeLessThan(50);
  });
});

function isValid(source: string, space: ShapeSpace): boolean {
  return checkWorkflow(source, { operators: [...space.operators] }).valid;
}
