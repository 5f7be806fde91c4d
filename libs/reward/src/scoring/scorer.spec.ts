import { AdvantageMethod, ScoreStatus } from '@flowreasoner/contracts/reward';
import type { Sample } from '@flowreasoner/contracts/reward';
import { Integrity, VerdictStatus } from '@flowreasoner/contracts/sandbox';
import type { Verdict } from '@flowreasoner/contracts/sandbox';
import { FlowError } from '@flowreasoner/rpc';
import { createAnswerJudge } from '@flowreasoner/evaluate';
import { silentLogger } from '@flowreasoner/telemetry';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultSpec } from '../specs/default-spec.js';
import type { RewardTask } from '../tasks/task.js';
import { FakeGrader } from '../testing/fake-grader.js';
import { fakeAnalyzer } from '../testing/fake-workflows.js';
import { caller, functionSuite, sample, verdict } from '../testing/fixtures.js';
import { Scorer } from './scorer.js';
import { Outcomes } from './outcomes.js';

const task: RewardTask = {
  handle: 'tasks/0123456789abcdef0123456789abcdef',
  tenant: 'default',
  requestId: '',
  bodyDigest: '',
  tests: { kind: 'suite', suite: functionSuite() },
  testsDigest: 'suite',
  integrity: Integrity.INTEGRITY_ISOLATED,
  visibleCases: [true, false, false, false],
  bytes: 1,
};
const request = { task, spec: defaultSpec, caller };
const { ADVANTAGE_METHOD_GRPO: grpo, ADVANTAGE_METHOD_DR_GRPO: drGrpo } = AdvantageMethod;

const judge = createAnswerJudge();
afterAll(() => judge.close());

/** A scorer whose grader takes the answer itself as the outcomes, such as `PPFF`. */
function scorerOf(
  answer: (candidate: string) => Verdict | Promise<Verdict> = (candidate) => verdict(candidate),
) {
  const grader = new FakeGrader(answer);
  const outcomes = new Outcomes({ grader, judge, logger: silentLogger(), concurrency: 4, cacheEntries: 100 });
  return { grader, scorer: new Scorer({ outcomes, workflows: fakeAnalyzer }) };
}

function answers(...texts: string[]): Sample[] {
  return texts.map((answer) => sample({ answer }));
}

describe('Scorer.score', () => {
  it('gives components, both pass rates, the spec and the integrity', async () => {
    const { scorer } = scorerOf();
    const score = await scorer.score(request, sample({ sampleId: 's1', answer: 'PPPF', workflow: 'a b' }));
    expect(score).toMatchObject({
      sampleId: 's1',
      status: ScoreStatus.SCORE_STATUS_OK,
      passRates: { passed: 3, total: 4, strictPassed: 2, strictTotal: 3 },
      components: { executed: 1, passRate: 0.75, allPassed: 0, efficiency: 1, diversity: 0, format: 0 },
      integrity: Integrity.INTEGRITY_ISOLATED,
      spec: 'specs/default@1',
      advantage: undefined,
    });
    const complexity = score.components?.complexity ?? 0;
    expect(complexity).toBeGreaterThan(0);
    expect(score.reward).toBeCloseTo(0.75 - 0.1 * complexity, 12);
  });

  it('gives 0 to what is not valid or did not run, though it passes', async () => {
    const { scorer } = scorerOf();
    expect((await scorer.score(request, sample({ answer: 'PPPP', valid: false }))).reward).toBe(0);
    expect((await scorer.score(request, sample({ answer: 'PPPP', executed: false }))).reward).toBe(0);
    expect((await scorer.score(request, sample({ answer: 'PPPP', workflow: 'broken' }))).reward).toBe(0);
    expect((await scorer.score(request, sample({ answer: 'PPPP' }))).reward).toBe(1.5);
  });

  it('grades equal content once, and another tenant’s anew', async () => {
    const { scorer, grader } = scorerOf();
    await scorer.score(request, sample({ answer: 'PPFF' }));
    await scorer.score(request, sample({ sampleId: 'other', answer: 'PPFF' }));
    expect(grader.requests).toHaveLength(1);
    await scorer.score({ ...request, task: { ...task, tenant: 'b' } }, sample({ answer: 'PPFF' }));
    await scorer.score({ ...request, task: { ...task, testsDigest: 'other' } }, sample({ answer: 'PPFF' }));
    expect(grader.requests).toHaveLength(3);
  });

  it('gives one name the same score again and refuses it for another sample', async () => {
    const { scorer } = scorerOf();
    const named = sample({ sampleId: 's1', answer: 'PPFF' });
    const first = await scorer.score(request, named);
    expect(await scorer.score(request, { ...named })).toEqual(first);
    await expect(scorer.score(request, { ...named, answer: 'PPPP' })).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      reason: 'SAMPLE_ID_REUSED',
    });
    const elsewhere = { ...request, task: { ...task, handle: 'tasks/f' } };
    await expect(scorer.score(elsewhere, { ...named, answer: 'PPPP' })).resolves.toMatchObject({
      reward: 1.5,
    });
  });

  it.each([
    ['an error of the sandbox', () => Promise.reject(new FlowError('UNAVAILABLE', 'GONE', 'no sandbox'))],
    ['a defect', () => Promise.reject(new TypeError('bug'))],
    ['tests that do not load', () => ({ ...verdict(''), status: VerdictStatus.VERDICT_STATUS_ERROR })],
    ['INFRA_ERROR', () => ({ ...verdict(''), status: VerdictStatus.VERDICT_STATUS_INFRA_ERROR })],
  ])('is UNAVAILABLE after %s, without components, and graded anew next time', async (_name, fail) => {
    let broken = true;
    const { scorer } = scorerOf((candidate) => (broken ? fail() : verdict(candidate)));
    const named = sample({ sampleId: 's1', answer: 'PPPP' });
    expect(await scorer.score(request, named)).toMatchObject({
      status: ScoreStatus.SCORE_STATUS_UNAVAILABLE,
      components: undefined,
      passRates: undefined,
    });
    broken = false;
    expect(await scorer.score(request, named)).toMatchObject({
      status: ScoreStatus.SCORE_STATUS_OK,
      reward: 1.5,
    });
  });

  it('ends with the reason of an aborted signal instead of a score', async () => {
    const controller = new AbortController();
    const gone = new FlowError('CANCELLED', 'CALL_CANCELLED', 'gone');
    const { scorer } = scorerOf(() => {
      controller.abort(gone);
      return Promise.reject(new FlowError('CANCELLED', 'CALL_CANCELLED', 'by the sandbox'));
    });
    const call = scorer.score({ ...request, caller: { ...caller, signal: controller.signal } }, sample());
    await expect(call).rejects.toBe(gone);
  });
});

describe('Scorer.scoreGroup', () => {
  it('counts size, cost and diversity only for those that pass what the best passes', async () => {
    const { scorer } = scorerOf();
    const group = [
      sample({ answer: 'PPPP', workflow: 'a b' }),
      sample({ answer: 'PPPP', workflow: 'a c' }),
      sample({ answer: 'PPPF', workflow: 'x y' }),
    ];
    const [first, second, third] = await scorer.scoreGroup(request, group, grpo);
    const expected = 1.5 - 0.1 * (first?.components?.complexity ?? NaN) + 0.1 * (1 - 1 / 3);
    expect(first?.reward).toBeCloseTo(expected, 12);
    expect(second?.reward).toBeCloseTo(expected, 12);
    expect(third?.components?.diversity).toBe(1);
    expect(third?.reward).toBe(0.75);
  });

  it('measures the best among those that ran', async () => {
    const { scorer } = scorerOf();
    const group = [
      sample({ answer: 'PPPP', executed: false }),
      sample({ answer: 'PPFF', workflow: 'a b', budget: { tokens: 10 } }),
    ];
    const [, ran] = await scorer.scoreGroup(request, group, grpo);
    expect(ran?.components?.efficiency).toBe(0);
    expect(ran?.reward).toBeLessThan(0.4);
  });

  it('forms advantages over the available ones and leaves the others without', async () => {
    const { scorer } = scorerOf((candidate) =>
      candidate === 'down' ? Promise.reject(new FlowError('UNAVAILABLE', 'GONE', 'no')) : verdict(candidate),
    );
    const scores = await scorer.scoreGroup(request, answers('PPPP', 'down', 'FFFF'), drGrpo);
    expect(scores.map(({ reward }) => reward)).toEqual([1.5, 0, 0]);
    expect(scores.map(({ advantage }) => advantage)).toEqual([0.75, undefined, -0.75]);
    expect(scores[1]?.status).toBe(ScoreStatus.SCORE_STATUS_UNAVAILABLE);
  });

  it('grades equal answers of a group once and keeps the order', async () => {
    const { scorer, grader } = scorerOf();
    const scores = await scorer.scoreGroup(request, answers('PPFF', 'PPPP', 'PPFF'), grpo);
    expect(grader.requests).toHaveLength(2);
    expect(scores.map(({ passRates }) => passRates?.passed)).toEqual([2, 4, 2]);
  });
});
