import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TextMeasure, type AnswerChecks } from '@flowreasoner/contracts/evaluate';
import { AdvantageMethod, RewardServiceClient, ScoreStatus } from '@flowreasoner/contracts/reward';
import type { ScoreStreamResponse } from '@flowreasoner/contracts/reward';
import { VerdictStatus } from '@flowreasoner/contracts/sandbox';
import type { Verdict } from '@flowreasoner/contracts/sandbox';
import { createAnswerJudge } from '@flowreasoner/evaluate';
import { bidiStream, createClient, FlowError, startServer, unary } from '@flowreasoner/rpc';
import type { RunningServer } from '@flowreasoner/rpc';
import { createLogger } from '@flowreasoner/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryTaskStore } from './adapters/tasks/memory-task-store.js';
import { createRewardService } from './reward-service.js';
import { FakeGrader } from './testing/fake-grader.js';
import { fakeAnalyzer } from './testing/fake-workflows.js';
import { functionSuite, putTaskRequest, sample, verdict } from './testing/fixtures.js';

/** Stands in every hidden test and in everything that the grader says about one. */
const secret = 'marker_7f3a91';
const hiddenTests = functionSuite({
  testCode: `${secret} = 1`,
  asserts: [`assert add(1, 2) == 3, "${secret}"`, `assert add(${secret}, 0) == 1`],
});

let folder: string;
let server: RunningServer;
let client: RewardServiceClient;
let log = '';
/** Everything that the service answered, errors included. */
const answers: unknown[] = [];

function grade(candidate: string): Verdict {
  if (candidate === 'down')
    throw new FlowError('UNAVAILABLE', 'GONE', `no room for ${secret}`, { hint: secret });
  if (candidate === 'bug') throw new TypeError(`cannot read ${secret}`);
  const leaky = { source: secret, expected: secret, actual: secret, errorType: secret, message: secret };
  const graded = verdict(candidate === 'good' ? 'PP' : 'PF');
  const cases = graded.cases.map((one) => ({ ...one, ...leaky }));
  if (candidate === 'infra')
    return { ...graded, status: VerdictStatus.VERDICT_STATUS_INFRA_ERROR, message: secret };
  return { ...graded, cases, message: secret };
}

/** Keeps an answer or error for the search at the end, and hands it on. */
async function kept<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    const value = await answer;
    answers.push(value);
    return value;
  } catch (error) {
    answers.push(error, error instanceof FlowError ? { message: error.message, ...error.options } : error);
    throw error;
  }
}

const judge = createAnswerJudge();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reward-'));
  const logger = createLogger({
    service: 'reward',
    level: 'trace',
    stream: { write: (line: string) => void (log += line) },
  });
  const rewardService = createRewardService({
    grader: new FakeGrader(grade),
    judge,
    tasks: new MemoryTaskStore(),
    workflows: fakeAnalyzer,
    randomBytes,
    logger,
  });
  server = await startServer({
    address: `unix:${join(folder, 'reward.sock')}`,
    services: [rewardService],
    logger,
  });
  client = createClient(RewardServiceClient, { address: server.address });
});

afterAll(async () => {
  client.close();
  await server.drain(1000);
  await judge.close();
  await rm(folder, { recursive: true });
});

async function putTask(): Promise<string> {
  return (await kept(unary(client, 'putTask', putTaskRequest({ hiddenTests })))).task;
}

describe('RewardService', () => {
  it('stores a task and scores a sample of it', async () => {
    const task = await putTask();
    const request = { task, spec: '', sample: sample({ sampleId: 's', answer: 'good' }) };
    const { score } = await kept(unary(client, 'score', request));
    expect(score).toMatchObject({ sampleId: 's', status: ScoreStatus.SCORE_STATUS_OK, reward: 1.5 });
    expect(await kept(unary(client, 'score', request))).toEqual({ score });
  });

  it('scores answers in text by maths and by words, and tells nothing of what was expected', async () => {
    const put = async (rule: AnswerChecks['rule']): Promise<string> => {
      const request = putTaskRequest({ hiddenTests: undefined, answerChecks: { rule } });
      return (await kept(unary(client, 'putTask', request))).task;
    };
    const scoreOf = async (task: string, answer: string) => {
      const request = { task, spec: '', sample: sample({ answer }) };
      const { score } = await kept(unary(client, 'score', request));
      return [score?.reward, score?.components?.passRate, score?.passRates?.passed, score?.passRates?.total];
    };
    const maths = await put({ $case: 'math', value: { accepted: ['\\frac{7}{8}', secret] } });
    expect(await scoreOf(maths, 'So we get \\boxed{0.875}.')).toEqual([1.5, 1, 1, 1]);
    expect(await scoreOf(maths, '\\boxed{0.8}')).toEqual([0, 0, 0, 1]);
    const measure = TextMeasure.TEXT_MEASURE_F1;
    const words = await put({
      $case: 'text',
      value: { accepted: ['one two', secret], measure, passScore: 0 },
    });
    expect(await scoreOf(words, 'Answer: One, two!')).toEqual([1.5, 1, 1, 1]);
    const [reward, rate, passed] = await scoreOf(words, 'two three');
    expect([reward, rate, passed]).toEqual([0.5, 0.5, 0]);
  });

  it('scores a group with advantages and masks what it could not grade', async () => {
    const samples = ['good', 'bad', 'down', 'bug', 'infra'].map((answer) => sample({ answer }));
    const advantageMethod = AdvantageMethod.ADVANTAGE_METHOD_DR_GRPO;
    const request = { task: await putTask(), spec: 'specs/default@1', samples, advantageMethod };
    const { scores } = await kept(unary(client, 'scoreGroup', request));
    expect(scores.map(({ status }) => ScoreStatus[status].replace('SCORE_STATUS_', ''))).toEqual([
      'OK',
      'OK',
      'UNAVAILABLE',
      'UNAVAILABLE',
      'UNAVAILABLE',
    ]);
    expect(scores.map(({ reward, advantage }) => [reward, advantage])).toEqual([
      [1.5, 0.5],
      [0.5, -0.5],
      [0, undefined],
      [0, undefined],
      [0, undefined],
    ]);
  });

  it('scores a stream, and ends it at a request it cannot accept', async () => {
    const task = await putTask();
    const stream = bidiStream(client, 'scoreStream');
    for (const sampleId of ['a', 'b', 'c']) {
      await stream.write({
        task,
        spec: '',
        sample: sample({ sampleId, answer: sampleId === 'b' ? 'down' : 'good' }),
      });
    }
    stream.end();
    const scores: ScoreStreamResponse[] = [];
    for await (const response of stream) scores.push(response);
    answers.push(scores);
    const byName = Object.fromEntries(scores.map(({ score }) => [score?.sampleId, score?.status]));
    expect(byName).toEqual({ a: 1, b: 2, c: 1 });

    const refused = bidiStream(client, 'scoreStream');
    await refused.write({ task, spec: '', sample: sample() });
    const next = kept((async () => refused[Symbol.asyncIterator]().next())());
    await expect(next).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('offers its specs', async () => {
    const first = await kept(unary(client, 'listRewardSpecs', { pageSize: 1, pageToken: '' }));
    const rest = await kept(
      unary(client, 'listRewardSpecs', { pageSize: 1, pageToken: first.nextPageToken }),
    );
    expect([...first.specs, ...rest.specs].map(({ name }) => name)).toEqual([
      'specs/correctness@1',
      'specs/default@1',
    ]);
    expect(rest.nextPageToken).toBe('');
    const { spec } = await kept(unary(client, 'getRewardSpec', { name: 'specs/default' }));
    expect(spec?.weights).toEqual({ pass_rate: 1, all_passed: 0.5, complexity: -0.1, diversity: 0.1 });
  });

  it('refuses what it cannot accept, with code, reason and fields', async () => {
    const task = await putTask();
    const wrongTests = functionSuite({ entryPoint: `${secret} !`, asserts: [`assert ${secret}`] });
    const handle = `tasks/${'0'.repeat(32)}`;
    const put = (changes: Parameters<typeof putTaskRequest>[0]) =>
      kept(unary(client, 'putTask', putTaskRequest({ hiddenTests, ...changes })));

    await expect(put({ hiddenTests: wrongTests })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      options: { fieldViolations: [{ field: 'hidden_tests.function.entry_point' }] },
    });
    await expect(put({ referenceSolution: Buffer.from('bad') })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'REFERENCE_SOLUTION_FAILS',
    });
    await expect(put({ referenceSolution: Buffer.from('down') })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    await put({ requestId: 'r1' });
    await expect(put({ requestId: 'r1', referenceSolution: Buffer.from('good') })).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    const score = (request: { task: string; spec: string }) =>
      kept(unary(client, 'score', { ...request, sample: sample() }));
    await expect(score({ task: handle, spec: '' })).rejects.toMatchObject({ reason: 'TASK_NOT_FOUND' });
    await expect(score({ task, spec: 'specs/none' })).rejects.toMatchObject({ reason: 'SPEC_NOT_FOUND' });
    const foreign = unary(client, 'score', { task, spec: '', sample: sample() }, { tenant: 'other' });
    await expect(kept(foreign)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('said nothing of a hidden test in any answer, error or log line', () => {
    expect(answers.length).toBeGreaterThan(15);
    expect(log).toContain('an answer could not be graded');
    expect(JSON.stringify(answers)).not.toContain(secret);
    expect(log).not.toContain(secret);
  });
});
