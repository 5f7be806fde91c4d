import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RewardServiceClient, ScoreStatus } from '@flowreasoner/contracts/reward';
import type { PutTaskRequest, Sample, Score } from '@flowreasoner/contracts/reward';
import { Integrity, SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import type { FunctionSuite, Suite } from '@flowreasoner/contracts/sandbox';
import { createClient, unary, waitForReady } from '@flowreasoner/rpc';
import {
  startApp,
  startTemporaryPostgres,
  type AppProcess,
  type TemporaryPostgres,
} from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Stands in every hidden test. */
const secret = 'marker_5d2c81';
const readyMs = 20_000;

let folder: string;
let postgres: TemporaryPostgres;
let sandbox: AppProcess;
let service: AppProcess;
let startService: () => AppProcess;
let client: RewardServiceClient;

function start(app: string, env: Record<string, string>): AppProcess {
  return startApp(app, { env: { FLOW_LOG_LEVEL: 'trace', ...env }, keepLogs: true });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reward-'));
  const sandboxAddress = `unix:${join(folder, 'sandbox.sock')}`;
  const address = `unix:${join(folder, 'reward.sock')}`;
  postgres = await startTemporaryPostgres();
  sandbox = start('sandbox', { FLOW_SANDBOX_ADDRESS: sandboxAddress });
  startService = () =>
    start('reward', {
      FLOW_REWARD_ADDRESS: address,
      FLOW_REWARD_SANDBOX_ADDRESS: sandboxAddress,
      FLOW_REWARD_DATABASE_URL: postgres.url,
    });
  service = startService();
  client = createClient(RewardServiceClient, { address });
  const sandboxClient = createClient(SandboxServiceClient, { address: sandboxAddress });
  await Promise.all([waitForReady(client, readyMs), waitForReady(sandboxClient, readyMs)]);
  sandboxClient.close();
});

afterAll(async () => {
  client.close();
  await Promise.all([service.kill(), sandbox.kill()]);
  await postgres.stop();
  await rm(folder, { recursive: true });
});

function functionSuite(value: Partial<FunctionSuite>): Suite {
  return {
    suite: { $case: 'function', value: { entryPoint: 'add', testCode: '', asserts: [], ...value } },
    integrity: Integrity.INTEGRITY_UNSPECIFIED,
    hidden: true,
  };
}

function putTask(changes: Partial<PutTaskRequest>) {
  return unary(client, 'putTask', {
    requestId: '',
    hiddenTests: undefined,
    visibleChecks: undefined,
    referenceSolution: Buffer.alloc(0),
    allowSharedProcess: false,
    answerChecks: undefined,
    ...changes,
  });
}

function sample(answer: string): Sample {
  return {
    sampleId: '',
    answer,
    workflow: '',
    valid: true,
    executed: true,
    usage: undefined,
    budget: undefined,
  };
}

async function score(task: string, answer: string): Promise<Score> {
  const response = await unary(client, 'score', { task, spec: '', sample: sample(answer) });
  expect(JSON.stringify(response)).not.toContain(secret);
  if (!response.score) throw new Error('a response without a score');
  return response.score;
}

const right = 'def add(a, b):\n    return a + b\n';
const hiddenTests = functionSuite({
  testCode: [
    `${secret} = 3`,
    'def check(candidate):',
    '    assert candidate(1, 2) == 3',
    `    assert candidate(-1, 1) == 0, "${secret}"`,
    '    assert abs(candidate(0.1, 0.2) - 0.3) < 1e-9',
  ].join('\n'),
  asserts: ['assert add("a", "b") == "ab"'],
});

describe('the reward service with a real sandbox', () => {
  it('grades by hidden tests, officially and without the visible ones', async () => {
    const visibleChecks = functionSuite({ asserts: ['assert add(1,2)  ==  3'] });
    const put = { hiddenTests, visibleChecks, referenceSolution: Buffer.from(right) };
    const { task, integrity } = await putTask(put);
    expect(integrity).toBe(Integrity.INTEGRITY_ISOLATED);

    expect(await score(task, right)).toMatchObject({
      status: ScoreStatus.SCORE_STATUS_OK,
      reward: 1.5,
      passRates: { passed: 4, total: 4, strictPassed: 3, strictTotal: 3 },
      components: { passRate: 1, allPassed: 1, format: 1 },
    });
    // Right for the visible case alone.
    expect(await score(task, 'def add(a, b):\n    return 3\n')).toMatchObject({
      reward: 0.25,
      passRates: { passed: 1, total: 4, strictPassed: 0, strictTotal: 3 },
    });
  });

  it.each([
    ['no Python', 'this is no program'],
    ['nothing', ''],
    ['an answer that raises', 'def add(a, b):\n    raise ValueError(a)\n'],
    ['an answer that exits', 'import os\ndef add(a, b):\n    os._exit(0)\n'],
  ])('gives 0 to %s', async (_name, answer) => {
    const { task } = await putTask({ hiddenTests });
    expect(await score(task, answer)).toMatchObject({
      status: ScoreStatus.SCORE_STATUS_OK,
      reward: 0,
      passRates: { passed: 0, total: 4, strictTotal: 4 },
    });
  });

  it('refuses tests that the reference solution does not pass', async () => {
    const wrong = Buffer.from('def add(a, b):\n    return a - b\n');
    await expect(putTask({ hiddenTests, referenceSolution: wrong })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'REFERENCE_SOLUTION_FAILS',
    });
  });

  it('refuses tests that load for no answer', async () => {
    const broken = functionSuite({ testCode: `def check(candidate: ${secret}` });
    await expect(putTask({ hiddenTests: broken })).rejects.toMatchObject({ reason: 'SUITE_UNUSABLE' });
  });

  it('shares a process only where the caller says so and the reference solution needs it', async () => {
    const testCode = [
      'import unittest, os',
      'class Tests(unittest.TestCase):',
      '    def test_file(self):',
      `        add(1, 2)  # ${secret}`,
      '        self.assertEqual(open("sum").read(), "3")',
    ].join('\n');
    const unittest: Suite = {
      suite: { $case: 'unittest', value: { entryPoint: 'add', testCode } },
      integrity: Integrity.INTEGRITY_UNSPECIFIED,
      hidden: true,
    };
    const referenceSolution = Buffer.from('def add(a, b):\n    open("sum", "w").write(str(a + b))\n');
    await expect(putTask({ hiddenTests: unittest, referenceSolution })).rejects.toMatchObject({
      reason: 'REFERENCE_SOLUTION_FAILS',
    });
    const allowed = await putTask({ hiddenTests: unittest, referenceSolution, allowSharedProcess: true });
    expect(allowed.integrity).toBe(Integrity.INTEGRITY_SHARED_PROCESS);
    expect(await score(allowed.task, referenceSolution.toString())).toMatchObject({
      integrity: Integrity.INTEGRITY_SHARED_PROCESS,
      passRates: { passed: 1, total: 1 },
    });
    const isolated = await putTask({
      hiddenTests,
      referenceSolution: Buffer.from(right),
      allowSharedProcess: true,
    });
    expect(isolated.integrity).toBe(Integrity.INTEGRITY_ISOLATED);
    const asked = { ...hiddenTests, integrity: Integrity.INTEGRITY_SHARED_PROCESS };
    expect((await putTask({ hiddenTests: asked })).integrity).toBe(Integrity.INTEGRITY_SHARED_PROCESS);
  });

  it('scores after it was killed and started again', async () => {
    const { task } = await putTask({ requestId: 'kept', hiddenTests });
    await service.kill();
    service = startService();
    await waitForReady(client, readyMs);
    expect(await score(task, right)).toMatchObject({ reward: 1.5, passRates: { passed: 4, total: 4 } });
    expect((await putTask({ requestId: 'kept', hiddenTests })).task).toBe(task);
  });

  it('masks a sample while the sandbox is gone, instead of giving it 0', async () => {
    const { task } = await putTask({ hiddenTests });
    await sandbox.kill();
    // What was graded before is still known.
    expect(await score(task, right)).toMatchObject({ reward: 1.5 });
    expect(await score(task, `${right}# not seen before`)).toMatchObject({
      status: ScoreStatus.SCORE_STATUS_UNAVAILABLE,
      components: undefined,
    });
  });

  it('stops on SIGTERM, having said nothing of a hidden test', async () => {
    expect(await service.stop()).toBe(0);
    const said = service.printed() + service.logs();
    expect(said).toContain('an answer could not be graded');
    expect(said).not.toContain(secret);
  });
});
