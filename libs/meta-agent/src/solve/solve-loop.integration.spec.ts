import { RunStatus, StopReason, FeedbackSource, Task } from '@flowreasoner/contracts/metaagent';
import { ExecutionStatus, Integrity, Verdict, VerdictStatus } from '@flowreasoner/contracts/sandbox';
import { WorkflowStatus } from '@flowreasoner/contracts/workflow';
import { unary } from '@flowreasoner/rpc';
import { describe, expect, it } from 'vitest';
import { answered, type FakeStep } from '../testing/fake-services.js';
import {
  baseOptions,
  eventNames,
  problem,
  resultOf,
  task,
  useServiceHarness,
} from '../testing/service-harness.js';
import { foldEvents } from '../runs/run-fold.js';

const options = baseOptions();

const tokenBudget = { tokens: 5_000, modelCalls: undefined, costUsd: undefined, sandboxMs: undefined };
/** A workflow one of whose requests did not fit into it. */
const cut = answered('', {
  status: WorkflowStatus.WORKFLOW_STATUS_BUDGET,
  errorType: 'tokens',
  message: 'The token budget has no room for this request.',
});

describe('the solve loop', () => {
  const harness = useServiceHarness();

  it('solves an easy query in the cheap first round', async () => {
    const { client, fakes } = await harness.start({
      run: () => [answered('def add(a, b):\n    return a + b')],
    });
    const events = await harness.solve(client);
    expect(eventNames(events)).toEqual([
      'runCreated',
      'runStarted',
      'roundStarted',
      'workflowProposed',
      'workflowEvent',
      'evaluationRequestStarted',
      'evaluationRequestFinished',
      'roundEvaluated',
      'runFinished',
    ]);
    expect(events.map((event) => Number(event.sequence))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(resultOf(events)).toMatchObject({
      status: RunStatus.RUN_STATUS_SOLVED,
      stopReason: StopReason.STOP_REASON_ALL_CHECKS_PASS,
      answer: 'def add(a, b):\n    return a + b',
      bestRound: 1,
      visible: { passed: 2, total: 2 },
      feedbackSource: FeedbackSource.FEEDBACK_SOURCE_QUERY_EXAMPLES,
      rounds: 1,
      usage: { modelCalls: 1, promptTokens: 100, completionTokens: 20, costUsd: 0.001, sandboxMs: 10 },
    });
    expect(fakes.runs[0]).toMatchObject({ problem, entryPoint: 'add' });
    expect(fakes.grades[0]?.suite?.suite).toMatchObject({
      $case: 'function',
      value: { entryPoint: 'add', asserts: ['assert add(1, 2) == 3', 'assert add(2, 2) == 4'] },
    });
    const { run } = await unary(client, 'getRun', { name: events[0]?.run ?? '' }, { tenant: harness.tenant });
    const folded = foldEvents(events).run;
    expect(run).toEqual(folded);
  });

  it('lets a request be sent only once its start is in the journal', async () => {
    const journalled: number[] = [];
    const steps: FakeStep[] = ['a', 'b'].flatMap((requestId): FakeStep[] => [
      { $case: 'modelRequestStarted', value: { callId: '/1', requestId, model: 'm', reserved: undefined } },
      { $case: 'sandboxRequestStarted', value: { callId: '/1', requestId: `${requestId}-s`, reservedMs: 1 } },
    ]);
    const { client } = await harness.start({
      run: () => [...steps, answered('done')],
      async onKept() {
        const [run] = (await harness.list(client)).runs;
        const events = await harness.journal.readEvents(run?.name.slice('runs/'.length) ?? '', 0n, 100);
        journalled.push(eventNames(events).filter((name) => name === 'workflowEvent').length);
      },
    });
    const events = await harness.solve(client, { options: { ...options, maxRounds: 1 } });
    expect(resultOf(events).answer).toBe('done');
    expect(journalled).toEqual([1, 2, 3, 4]);
  });

  it('goes on with feedback until the checks pass, and never repeats a workflow', async () => {
    const { client, fakes } = await harness.start({
      run: (_, index) => [answered(`attempt ${index}`)],
      passes: (candidate, total) => (candidate === 'attempt 3' ? total : 1),
    });
    const events = await harness.solve(client);
    const result = resultOf(events);
    expect(result).toMatchObject({
      status: RunStatus.RUN_STATUS_SOLVED,
      rounds: 4,
      bestRound: 4,
      answer: 'attempt 3',
    });
    expect(new Set(fakes.runs.map((each) => `${each.source} ${each.temperature}`)).size).toBe(4);
    const feedback = events.flatMap(({ event }) =>
      event?.$case === 'roundEvaluated' ? [event.value] : [],
    )[0];
    expect(feedback?.score).toBe(0.5);
    expect(feedback?.feedback).toContain('Visible checks passed: 1 of 2 (50 %).');
    expect(feedback?.feedback).toContain('Failing check: assert add(2, 2) == 4\n  expected: 3\n  actual: 4');
    expect(feedback?.usage?.modelCalls).toBe(1);
    expect(result.usage?.modelCalls).toBe(4);
    expect(new Set(fakes.runs.map((each) => each.seed)).size).toBe(4);
  });

  it('gives the best answer when the rounds are used up', async () => {
    const { client } = await harness.start({
      run: (_, index) => [answered(`attempt ${index}`)],
      passes: (candidate) => (candidate === 'attempt 1' ? 1 : 0),
    });
    const result = resultOf(await harness.solve(client, { options: { ...options, maxRounds: 3 } }));
    expect(result).toMatchObject({
      status: RunStatus.RUN_STATUS_UNSOLVED,
      stopReason: StopReason.STOP_REASON_MAX_ROUNDS,
      answer: 'attempt 1',
      bestRound: 2,
      rounds: 3,
      visible: { passed: 1, total: 2 },
    });
  });

  it('proposes a fixed workflow once', async () => {
    const { client, fakes } = await harness.start({ run: () => [answered('wrong')], passes: () => 0 });
    const result = resultOf(
      await harness.solve(client, { options: { ...options, policy: 'fixed:best-of-n' } }),
    );
    expect(result).toMatchObject({ stopReason: StopReason.STOP_REASON_EXHAUSTED, rounds: 1 });
    expect(fakes.runs[0]?.source).toContain('n=8');
  });

  it('answers a question by execution feedback alone, and says so', async () => {
    const { client } = await harness.start({ run: () => [answered('42')] });
    const question = Task.fromPartial({ problem: 'What is six times seven?' });
    expect(resultOf(await harness.solve(client, { task: question }))).toMatchObject({
      status: RunStatus.RUN_STATUS_SOLVED,
      stopReason: StopReason.STOP_REASON_NO_CHECKS,
      feedbackSource: FeedbackSource.FEEDBACK_SOURCE_EXECUTION,
      visible: undefined,
      answer: '42',
    });
  });

  it('loads a program that has no checks', async () => {
    const { client } = await harness.start({
      run: (_, index) => [answered(index === 0 ? 'def f(: pass' : '```python\ndef f(x): return x\n```')],
      execute: (source) =>
        source.includes('(:')
          ? { exitCode: 1, stderr: Buffer.from('  File x\nSyntaxError: invalid syntax\n') }
          : { status: ExecutionStatus.EXECUTION_STATUS_EXITED },
    });
    const events = await harness.solve(client, {
      task: Task.fromPartial({ problem: 'def f(x):\n    """Does f."""\n' }),
    });
    expect(resultOf(events)).toMatchObject({
      stopReason: StopReason.STOP_REASON_NO_CHECKS,
      answer: 'def f(x): return x',
      rounds: 2,
    });
    const first = events.flatMap(({ event }) =>
      event?.$case === 'roundEvaluated' ? [event.value.feedback] : [],
    )[0];
    expect(first).toContain('SyntaxError: invalid syntax');
  });

  it('cuts a run at its budget and keeps the best answer', async () => {
    const { client, fakes } = await harness.start({
      run: (_, index) => [answered(`attempt ${index}`)],
      passes: () => 1,
    });
    const budget = { modelCalls: 2, costUsd: undefined, tokens: undefined, sandboxMs: undefined };
    const result = resultOf(await harness.solve(client, { options: { ...options, budget } }));
    expect(result).toMatchObject({
      status: RunStatus.RUN_STATUS_BUDGET,
      stopReason: StopReason.STOP_REASON_BUDGET,
      reason: 'BUDGET_EXCEEDED',
      message: 'The budget of 2 model calls is used up.',
      answer: 'attempt 0',
      bestRound: 1,
    });
    expect(fakes.runs.map((each) => each.budget?.modelCalls)).toEqual([2, 1]);
  });

  it('goes on with cheaper workflows after a request that did not fit into the budget', async () => {
    const { client, fakes } = await harness.start({
      run: (_, index) => [index === 1 ? cut : answered(`attempt ${index}`)],
      passes: (answer) => (answer === 'attempt 2' ? 2 : 0),
    });
    const result = resultOf(await harness.solve(client, { options: { ...options, budget: tokenBudget } }));
    expect(result).toMatchObject({ status: RunStatus.RUN_STATUS_SOLVED, answer: 'attempt 2', rounds: 3 });
    expect(fakes.runs).toHaveLength(3);
  });

  it('ends a run whose workflows were cut by the budget three times in a row', async () => {
    const { client, fakes } = await harness.start({
      run: (_, index) => [index === 0 ? answered('bad') : cut],
      passes: () => 0,
    });
    const result = resultOf(
      await harness.solve(client, {
        options: { ...options, policy: 'search', maxRounds: 9, budget: tokenBudget },
      }),
    );
    expect(result).toMatchObject({
      status: RunStatus.RUN_STATUS_BUDGET,
      stopReason: StopReason.STOP_REASON_BUDGET,
      reason: 'BUDGET_EXCEEDED',
      message: 'The token budget has no room for this request.',
      answer: 'bad',
    });
    expect(fakes.runs.length).toBeLessThanOrEqual(4);
  });

  it('refuses a workflow whose cheapest path is over the budget, at no cost', async () => {
    const { client, fakes } = await harness.start({
      run: () => [answered('wrong')],
      passes: () => 0,
      leastCalls: (source) => (source.includes('samples=1 ') ? 1 : 99),
    });
    const budget = { modelCalls: 20, costUsd: undefined, tokens: undefined, sandboxMs: undefined };
    const events = await harness.solve(client, { options: { ...options, maxRounds: 4, budget } });
    const refusals = events.flatMap(({ event }) =>
      event?.$case === 'workflowProposed' ? [event.value.refusal] : [],
    );
    expect(refusals).toContainEqual(
      expect.stringMatching(/^It makes at least 99 model calls, and \d+ are left\.$/),
    );
    expect(fakes.runs.every((each) => each.source.includes('samples=1 '))).toBe(true);
  });

  it('says why a money budget can not be kept', async () => {
    const unknown = answered('', {
      status: WorkflowStatus.WORKFLOW_STATUS_BUDGET,
      errorType: 'PRICE_UNKNOWN',
      message: 'The price of model m is not known.',
    });
    const { client } = await harness.start({ run: () => [unknown] });
    expect(resultOf(await harness.solve(client))).toMatchObject({
      status: RunStatus.RUN_STATUS_BUDGET,
      reason: 'PRICE_UNKNOWN',
      message: 'The price of model m is not known.',
    });
  });

  it('takes no answer that is too large to keep', async () => {
    const { client, fakes } = await harness.start({ run: () => [answered('x'.repeat(256 * 1024 + 1))] });
    const events = await harness.solve(client, { options: { ...options, maxRounds: 1 } });
    expect(resultOf(events)).toMatchObject({ status: RunStatus.RUN_STATUS_UNSOLVED, answer: '' });
    const told = events.flatMap(({ event }) =>
      event?.$case === 'roundEvaluated' ? [event.value.feedback] : [],
    );
    expect(told[0]).toContain('The answer is 262145 bytes long; at most 262144 are taken.');
    expect(fakes.grades).toHaveLength(0);
  });

  it('runs a workflow several times where that is asked for, and counts the mean', async () => {
    const { client, fakes } = await harness.start({
      run: (_, index) => [answered(`attempt ${index}`)],
      passes: (candidate) => (candidate === 'attempt 1' ? 1 : 0),
    });
    const events = await harness.solve(client, { options: { ...options, maxRounds: 1, validationRuns: 4 } });
    expect(resultOf(events)).toMatchObject({ answer: 'attempt 1', visible: { passed: 1, total: 2 } });
    const [round] = events.flatMap(({ event }) => (event?.$case === 'roundEvaluated' ? [event.value] : []));
    expect(round?.score).toBe(0.125);
    expect(fakes.runs).toHaveLength(4);
    expect(new Set(fakes.runs.map((each) => each.seed)).size).toBe(4);
  });

  it('judges what is kept of a workflow that a limit ended', async () => {
    const stopped = answered('', {
      status: WorkflowStatus.WORKFLOW_STATUS_BUDGET,
      errorType: 'model_calls',
      message: 'No call is left.',
      partialAnswers: ['bad', 'good'],
    });
    const { client } = await harness.start({
      run: () => [stopped],
      passes: (answer) => (answer === 'good' ? 2 : 0),
    });
    expect(resultOf(await harness.solve(client))).toMatchObject({
      status: RunStatus.RUN_STATUS_SOLVED,
      answer: 'good',
    });
  });

  it('ends at its deadline with the best answer, and stops the workflow', async () => {
    const { client, fakes } = await harness.start({
      run: (_, index) => (index === 0 ? [answered('first')] : ['hang']),
      passes: () => 1,
    });
    const result = resultOf(await harness.solve(client, { options: { ...options, deadlineMs: 1_500 } }));
    expect(result).toMatchObject({
      status: RunStatus.RUN_STATUS_DEADLINE,
      stopReason: StopReason.STOP_REASON_DEADLINE,
      answer: 'first',
    });
    await expect.poll(() => fakes.cancelled).toBe(1);
  });

  it('has hidden tests scored once, at the end', async () => {
    const { client, fakes } = await harness.start({
      run: (_, index) => [answered(`attempt ${index}`)],
      passes: (candidate, total) => (candidate === 'attempt 1' ? total : 0),
    });
    const result = resultOf(await harness.solve(client, { task: { ...task, rewardTask: 'tasks/abc' } }));
    expect(result.hidden).toEqual({ passed: 4, total: 4, strictPassed: 2, strictTotal: 2, reward: 1.5 });
    expect(fakes.scores).toHaveLength(1);
    expect(fakes.scores[0]).toMatchObject({
      task: 'tasks/abc',
      sample: { answer: 'attempt 1', valid: true },
    });
  });

  it('tells of a failing dependency, with the best answer so far', async () => {
    const { client, fakes } = await harness.start({
      run: (_, index) => [answered(`attempt ${index}`)],
      grade: (_, index) =>
        index === 0
          ? verdict(VerdictStatus.VERDICT_STATUS_FAILED, 1)
          : verdict(VerdictStatus.VERDICT_STATUS_INFRA_ERROR, 0),
    });
    const result = resultOf(await harness.solve(client));
    expect(result).toMatchObject({
      status: RunStatus.RUN_STATUS_UNAVAILABLE,
      stopReason: StopReason.STOP_REASON_ERROR,
      reason: 'SANDBOX_UNAVAILABLE',
      answer: 'attempt 0',
      rounds: 1,
    });
    expect(result.hint).not.toBe('');
    expect(fakes.grades).toHaveLength(3);
  });

  it('tells of a worker model that can not be reached', async () => {
    const unreachable = answered('', {
      status: WorkflowStatus.WORKFLOW_STATUS_UNAVAILABLE,
      errorType: 'MODEL_UNREACHABLE',
      message: 'Endpoint local did not answer.',
    });
    const { client } = await harness.start({ run: () => [unreachable] });
    expect(resultOf(await harness.solve(client))).toMatchObject({
      status: RunStatus.RUN_STATUS_UNAVAILABLE,
      reason: 'MODEL_UNREACHABLE',
      message: 'Endpoint local did not answer.',
      answer: '',
    });
  });
});

function verdict(status: VerdictStatus, passed: number): Verdict {
  const integrity = Integrity.INTEGRITY_ISOLATED;
  return Verdict.fromPartial({ status, integrity, passed, total: 2, passRate: passed / 2, wallMs: 10 });
}
