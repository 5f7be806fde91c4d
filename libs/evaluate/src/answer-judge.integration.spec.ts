import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GraderServiceService,
  type AnswerChecks,
  type GradeAnswerResponse,
} from '@flowreasoner/contracts/evaluate';
import { service, startServer, unaryHandler } from '@flowreasoner/rpc';
import { afterEach, describe, expect, it } from 'vitest';
import { createAnswerJudge, createGraders, type AnswerJudge } from './index.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A judge with the grader `lab`, which answers as told. */
async function judgeWith(
  grade: (answer: string, data: string, signal: AbortSignal) => Promise<Partial<GradeAnswerResponse>>,
  deadlineMs = 5_000,
): Promise<AnswerJudge> {
  const address = `unix:${join(tmpdir(), `flow-grader-${randomBytes(6).toString('hex')}.sock`)}`;
  const handler = unaryHandler<{ answer: string; data: Uint8Array }, GradeAnswerResponse>(
    async ({ answer, data }, call) => ({
      score: 0,
      passed: false,
      feedback: '',
      ...(await grade(answer, Buffer.from(data).toString(), call.signal)),
    }),
  );
  const server = await startServer({
    address,
    reflection: false,
    services: [service(GraderServiceService, { gradeAnswer: handler })],
  });
  const judge = createAnswerJudge({ graders: createGraders({ lab: { address } }, deadlineMs) });
  closers.push(
    () => server.drain(0),
    () => judge.close(),
  );
  return judge;
}

const checks = { rule: { $case: 'remote', value: { grader: 'lab', data: Buffer.from('key') } } } as const;
const request = { problem: 'p', answer: 'blue', tenant: 't', signal: new AbortController().signal };

describe('a remote grader', () => {
  it('judges with the data of the task', async () => {
    const judge = await judgeWith((answer, data) =>
      Promise.resolve({ score: 0.5, feedback: `${answer} by ${data}` }),
    );
    expect(judge.graders).toEqual(new Set(['lab']));
    expect(await judge.judge(checks, request)).toEqual({
      score: 0.5,
      passed: false,
      feedback: 'blue by key',
    });
  });

  it('is named when it is slower than its own deadline, and is told to stop', async () => {
    let stopped = false;
    const judge = await judgeWith(
      (_answer, _data, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            stopped = true;
            reject(signal.reason as Error);
          });
        }),
      200,
    );
    await expect(judge.judge(checks, request)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'GRADER_UNAVAILABLE',
      message: expect.stringContaining('The grader lab failed') as string,
    });
    await expect.poll(() => stopped).toBe(true);
  });

  it.each([NaN, -0.1, 1.1])('may not give the score %d', async (score) => {
    const judge = await judgeWith(() => Promise.resolve({ score }));
    await expect(judge.judge(checks, request)).rejects.toMatchObject({ reason: 'GRADER_UNAVAILABLE' });
  });

  it('has its feedback cut', async () => {
    const judge = await judgeWith(() => Promise.resolve({ feedback: 'x'.repeat(100_000) }));
    expect((await judge.judge(checks, request)).feedback).toHaveLength(4_000);
  });

  it('that is not configured is an error of ours', async () => {
    const judge = createAnswerJudge();
    closers.push(() => judge.close());
    await expect(judge.judge(checks, request)).rejects.toMatchObject({ reason: 'GRADER_UNAVAILABLE' });
  });

  it('is left when the caller gives up', async () => {
    const stop = new AbortController();
    const judge = await judgeWith(() => {
      stop.abort(new Error('enough'));
      return new Promise(() => undefined);
    });
    await expect(judge.judge(checks, { ...request, signal: stop.signal })).rejects.toThrow('enough');
  });
});

describe('other rules', () => {
  it('judge maths and texts, and refuse answers that are too long', async () => {
    const judge = createAnswerJudge();
    closers.push(() => judge.close());
    const math: AnswerChecks = { rule: { $case: 'math', value: { accepted: ['\\frac12'] } } };
    const text: AnswerChecks = {
      rule: { $case: 'text', value: { accepted: ['Blue'], measure: 1, passScore: 0 } },
    };
    expect(await judge.judge(math, { ...request, answer: '\\boxed{0.5}' })).toMatchObject({ passed: true });
    expect(await judge.judge(text, request)).toMatchObject({ passed: true });
    expect(await judge.judge(text, { ...request, answer: 'x'.repeat(300_000) })).toMatchObject({
      passed: false,
      feedback: 'The answer is 300000 bytes long; at most 262144 are taken.',
    });
  });
});
