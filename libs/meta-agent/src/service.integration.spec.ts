import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  FeedbackSource,
  MetaAgentServiceClient,
  RunState,
  RunStatus,
  StopReason,
  Task,
  type EarlierRound,
  type RunEvent,
  type RunResult,
  type SolveRequest,
  type WorkflowProposed,
} from '@flowreasoner/contracts/metaagent';
import { ExecutionStatus, Integrity, Verdict, VerdictStatus } from '@flowreasoner/contracts/sandbox';
import { WorkflowStatus } from '@flowreasoner/contracts/workflow';
import { createClient, serverStream, startServer, unary, type RunningServer } from '@flowreasoner/rpc';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPgliteJournal } from './adapters/journal/pglite-journal.js';
import { answered, startFakeServices, type FakeBehaviour, type FakeServices } from './fakes/fake-services.js';
import type { Journal } from './ports.js';
import { foldEvents } from './runs/run-fold.js';
import { createMetaAgentService, metaAgentDeadlinesMs, type MetaAgentServiceHandle } from './service.js';

const problem = `def add(a, b):
    """ Adds.
    >>> add(1, 2)
    3
    >>> add(2, 2)
    4
    """
`;
const task = Task.fromPartial({ problem });

interface Running {
  readonly client: MetaAgentServiceClient;
  readonly handle: MetaAgentServiceHandle;
  readonly fakes: FakeServices;
}

describe('the meta-agent service', () => {
  let folder: string;
  let journal: Journal;
  let closers: (() => Promise<void>)[] = [];
  let sockets = 0;
  // Each test has a tenant of its own in one store.
  let tenant = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flow-agent-'));
    journal = await openPgliteJournal({ folder });
  });
  beforeEach((test) => {
    tenant = `tenant-${test.task.id.replace(/\W/g, '-')}`;
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    await journal.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(behaviour: FakeBehaviour, maxActiveRuns = 4): Promise<Running> {
    const fakes = await startFakeServices(behaviour);
    const { workflows, sandbox, reward } = fakes;
    const handle = await createMetaAgentService({
      journal,
      workflows,
      sandbox,
      reward,
      defaults: { policy: 'search' },
      maxActiveRuns,
    });
    const server: RunningServer = await startServer({
      address: `unix:${join(folder, `agent-${sockets++}.sock`)}`,
      services: handle.services,
      deadlinesMs: metaAgentDeadlinesMs,
      reflection: false,
    });
    const client = createClient(MetaAgentServiceClient, { address: server.address });
    closers.push(async () => {
      client.close();
      await handle.close();
      await server.drain(200);
      await fakes.stop();
    });
    return { client, handle, fakes };
  }

  async function solve(
    client: MetaAgentServiceClient,
    request: Partial<SolveRequest> = {},
  ): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    const stream = serverStream(
      client,
      'solve',
      { requestId: '', task, options: undefined, streamTokens: false, ...request },
      { deadlineMs: 60_000, tenant },
    );
    for await (const { event } of stream) if (event !== undefined) events.push(event);
    return events;
  }

  function resultOf(events: readonly RunEvent[]): RunResult {
    const last = events.at(-1)?.event;
    if (last?.$case !== 'runFinished' || last.value.result === undefined)
      throw new Error('the run has no result');
    return last.value.result;
  }

  const names = (events: readonly RunEvent[]): (string | undefined)[] =>
    events.map((each) => each.event?.$case);

  it('solves an easy query in the cheap first round', async () => {
    const { client, fakes } = await start({ run: () => [answered('def add(a, b):\n    return a + b')] });
    const events = await solve(client);
    expect(names(events)).toEqual([
      'runCreated',
      'runStarted',
      'roundStarted',
      'workflowProposed',
      'workflowEvent',
      'roundEvaluated',
      'runFinished',
    ]);
    expect(events.map((event) => Number(event.sequence))).toEqual([1, 2, 3, 4, 5, 6, 7]);
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
    const { run } = await unary(client, 'getRun', { name: events[0]?.run ?? '' }, { tenant });
    const folded = foldEvents(events).run;
    expect(run).toEqual(folded);
  });

  it('goes on with feedback until the checks pass, and never repeats a workflow', async () => {
    const { client, fakes } = await start({
      run: (_, index) => [answered(`attempt ${index}`)],
      passes: (candidate, total) => (candidate === 'attempt 3' ? total : 1),
    });
    const events = await solve(client);
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
    const { client } = await start({
      run: (_, index) => [answered(`attempt ${index}`)],
      passes: (candidate) => (candidate === 'attempt 1' ? 1 : 0),
    });
    const result = resultOf(await solve(client, { options: { ...options, maxRounds: 3 } }));
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
    const { client, fakes } = await start({ run: () => [answered('wrong')], passes: () => 0 });
    const result = resultOf(await solve(client, { options: { ...options, policy: 'fixed:best-of-n' } }));
    expect(result).toMatchObject({ stopReason: StopReason.STOP_REASON_EXHAUSTED, rounds: 1 });
    expect(fakes.runs[0]?.source).toContain('n=8');
  });

  it('answers a question by execution feedback alone, and says so', async () => {
    const { client } = await start({ run: () => [answered('42')] });
    const question = Task.fromPartial({ problem: 'What is six times seven?' });
    expect(resultOf(await solve(client, { task: question }))).toMatchObject({
      status: RunStatus.RUN_STATUS_SOLVED,
      stopReason: StopReason.STOP_REASON_NO_CHECKS,
      feedbackSource: FeedbackSource.FEEDBACK_SOURCE_EXECUTION,
      visible: undefined,
      answer: '42',
    });
  });

  it('loads a program that has no checks', async () => {
    const { client } = await start({
      run: (_, index) => [answered(index === 0 ? 'def f(: pass' : '```python\ndef f(x): return x\n```')],
      execute: (source) =>
        source.includes('(:')
          ? { exitCode: 1, stderr: Buffer.from('  File x\nSyntaxError: invalid syntax\n') }
          : { status: ExecutionStatus.EXECUTION_STATUS_EXITED },
    });
    const events = await solve(client, {
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
    const { client, fakes } = await start({
      run: (_, index) => [answered(`attempt ${index}`)],
      passes: () => 1,
    });
    const budget = { modelCalls: 2, costUsd: undefined, tokens: undefined, sandboxMs: undefined };
    const result = resultOf(await solve(client, { options: { ...options, budget } }));
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

  it('refuses a workflow whose cheapest path is over the budget, at no cost', async () => {
    const { client, fakes } = await start({
      run: () => [answered('wrong')],
      passes: () => 0,
      leastCalls: (source) => (source.includes('samples=1 ') ? 1 : 99),
    });
    const budget = { modelCalls: 20, costUsd: undefined, tokens: undefined, sandboxMs: undefined };
    const events = await solve(client, { options: { ...options, maxRounds: 4, budget } });
    const refusals = events.flatMap(({ event }) =>
      event?.$case === 'workflowProposed' ? [event.value.refusal] : [],
    );
    expect(refusals).toContainEqual(
      expect.stringMatching(/^It makes at least 99 model calls, and \d+ are left\.$/),
    );
    expect(fakes.runs.every((each) => each.source.includes('samples=1 '))).toBe(true);
  });

  it('judges what is kept of a workflow that a limit ended', async () => {
    const stopped = answered('', {
      status: WorkflowStatus.WORKFLOW_STATUS_BUDGET,
      errorType: 'model_calls',
      message: 'No call is left.',
      partialAnswers: ['bad', 'good'],
    });
    const { client } = await start({ run: () => [stopped], passes: (answer) => (answer === 'good' ? 2 : 0) });
    expect(resultOf(await solve(client))).toMatchObject({
      status: RunStatus.RUN_STATUS_SOLVED,
      answer: 'good',
    });
  });

  it('ends at its deadline with the best answer, and stops the workflow', async () => {
    const { client, fakes } = await start({
      run: (_, index) => (index === 0 ? [answered('first')] : ['hang']),
      passes: () => 1,
    });
    const result = resultOf(await solve(client, { options: { ...options, deadlineMs: 1_500 } }));
    expect(result).toMatchObject({
      status: RunStatus.RUN_STATUS_DEADLINE,
      stopReason: StopReason.STOP_REASON_DEADLINE,
      answer: 'first',
    });
    await expect.poll(() => fakes.cancelled).toBe(1);
  });

  it('is cancelled by CancelRun, and tells watchers', async () => {
    const { client, fakes } = await start({ run: () => ['hang'] });
    const { run } = await unary(client, 'createRun', { requestId: '', task, options: undefined }, { tenant });
    const name = run?.name ?? '';
    await expect.poll(() => fakes.runs.length).toBe(1);
    const watching = collect(client, name);
    await unary(client, 'cancelRun', { name }, { tenant });
    const events = await watching;
    expect(resultOf(events)).toMatchObject({
      status: RunStatus.RUN_STATUS_CANCELLED,
      stopReason: StopReason.STOP_REASON_CANCELLED,
      reason: 'RUN_CANCELLED',
    });
    await expect.poll(() => fakes.cancelled).toBe(1);
    const again = await unary(client, 'cancelRun', { name }, { tenant });
    expect(again.run?.result?.status).toBe(RunStatus.RUN_STATUS_CANCELLED);
  });

  it('is cancelled when the Solve call is', async () => {
    const { client, fakes } = await start({ run: () => ['hang'] });
    const request = { requestId: '', task, options: undefined, streamTokens: false };
    for await (const { event } of serverStream(client, 'solve', request, { tenant })) {
      if (event?.event?.$case === 'workflowProposed') break;
    }
    await expect
      .poll(async () => (await list(client)).runs[0]?.result?.status, { timeout: 5_000 })
      .toBe(RunStatus.RUN_STATUS_CANCELLED);
    expect(fakes.cancelled).toBeLessThanOrEqual(1);
  });

  it('is cancelled, with the reason, when the service stops', async () => {
    const { client, fakes, handle } = await start({ run: () => ['hang'] }, 1);
    const watching = solve(client);
    await expect.poll(() => fakes.runs.length).toBe(1);
    const queued = solve(client);
    await expect.poll(async () => (await list(client)).runs.length).toBe(2);
    await handle.close('The host was asked to stop.');
    for (const events of [await watching, await queued]) {
      expect(resultOf(events)).toMatchObject({
        status: RunStatus.RUN_STATUS_CANCELLED,
        reason: 'SERVICE_STOPPED',
        message: 'The host was asked to stop.',
      });
    }
    await expect(
      unary(client, 'createRun', { requestId: '', task, options: undefined }, { tenant }),
    ).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'SERVICE_STOPPING',
    });
  });

  it('watches from any sequence on, and ends after the end', async () => {
    const { client } = await start({
      run: (_, index) => [
        { $case: 'tokenDelta', value: { callId: 'c', requestId: 'r', text: 'tok' } },
        answered(`attempt ${index}`),
      ],
      passes: () => 0,
    });
    const events = await solve(client, { streamTokens: true, options: { ...options, maxRounds: 3 } });
    const journalled = events.filter((event) => event.sequence > 0n);
    expect(journalled.map((event) => Number(event.sequence))).toEqual(
      journalled.map((_, index) => index + 1),
    );
    expect(events.length - journalled.length).toBe(3);
    const name = events[0]?.run ?? '';
    expect(await collect(client, name)).toEqual(journalled);
    expect(await collect(client, name, 5n)).toEqual(journalled.slice(5));
    expect(await collect(client, name, BigInt(journalled.length))).toEqual([]);
    expect(await collect(client, name, 1_000n)).toEqual([]);
  });

  it('creates one run a request id', async () => {
    const { client } = await start({ run: () => [answered('x')] });
    const request = { requestId: 'once', task, options: undefined };
    const first = await unary(client, 'createRun', request, { tenant });
    const again = await unary(client, 'createRun', request, { tenant });
    expect(again.run?.name).toBe(first.run?.name);
    await expect(
      unary(client, 'createRun', { ...request, task: Task.fromPartial({ problem: 'other' }) }, { tenant }),
    ).rejects.toMatchObject({ code: 'ALREADY_EXISTS', reason: 'REQUEST_ID_REUSED' });
  });

  it('lists runs newest first, page by page', async () => {
    const { client } = await start({ run: () => [answered('x')] });
    const created: string[] = [];
    for (let i = 0; i < 5; i++) created.push((await solve(client))[0]?.run ?? '');
    const first = await list(client, { pageSize: 3 });
    const second = await list(client, { pageSize: 3, pageToken: first.nextPageToken });
    expect([...first.runs, ...second.runs].map((run) => run.name)).toEqual(created.reverse());
    expect(second.nextPageToken).toBe('');
    expect((await list(client, { state: RunState.RUN_STATE_RUNNING })).runs).toEqual([]);
    await expect(list(client, { pageToken: 'junk!' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it.each([
    ['no task', { task: undefined }, 'task'],
    ['an empty problem', { task: Task.fromPartial({ problem: ' \n' }) }, 'task.problem'],
    ['a large problem', { task: Task.fromPartial({ problem: 'x'.repeat(256 * 1024 + 1) }) }, 'task.problem'],
    ['no identifier', { task: Task.fromPartial({ problem, entryPoint: 'a b' }) }, 'task.entry_point'],
    ['hidden checks', { task: hiddenTask() }, 'task.visible_checks.hidden'],
    ['a long request id', { requestId: 'x'.repeat(65) }, 'request_id'],
    ['an unknown policy', { options: { ...baseOptions(), policy: 'fixed:nothing' } }, 'options.policy'],
    ['too many rounds', { options: { ...baseOptions(), maxRounds: 51 } }, 'options.max_rounds'],
    ['no model to ask', { options: { ...baseOptions(), policy: 'llm' } }, 'options.policy'],
  ])('refuses %s and names the field', async (_, change, field) => {
    const { client } = await start({ run: () => [answered('x')] });
    const refused: unknown = await solve(client, change).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'INVALID_ARGUMENT',
      options: { fieldViolations: [expect.objectContaining({ field })] as unknown },
    });
  });

  it('refuses names of runs that are none, and says which runs do not exist', async () => {
    const { client } = await start({ run: () => [answered('x')] });
    await expect(unary(client, 'getRun', { name: 'runs/../x' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    const missing = { code: 'NOT_FOUND', reason: 'RUN_NOT_FOUND' };
    await expect(unary(client, 'getRun', { name: 'runs/none' })).rejects.toMatchObject(missing);
    await expect(unary(client, 'cancelRun', { name: 'runs/none' })).rejects.toMatchObject(missing);
    await expect(collect(client, 'runs/none')).rejects.toMatchObject(missing);
  });

  it('shows a run to its tenant alone', async () => {
    const { client } = await start({ run: () => [answered('x')] });
    const name = (await solve(client))[0]?.run ?? '';
    await expect(unary(client, 'getRun', { name }, { tenant: 'another' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('has hidden tests scored once, at the end', async () => {
    const { client, fakes } = await start({
      run: (_, index) => [answered(`attempt ${index}`)],
      passes: (candidate, total) => (candidate === 'attempt 1' ? total : 0),
    });
    const result = resultOf(await solve(client, { task: { ...task, rewardTask: 'tasks/abc' } }));
    expect(result.hidden).toEqual({ passed: 4, total: 4, reward: 1.5 });
    expect(fakes.scores).toHaveLength(1);
    expect(fakes.scores[0]).toMatchObject({
      task: 'tasks/abc',
      sample: { answer: 'attempt 1', valid: true },
    });
  });

  it('tells of a failing dependency, with the best answer so far', async () => {
    const { client, fakes } = await start({
      run: (_, index) => [answered(`attempt ${index}`)],
      grade: (_, index) =>
        index === 0
          ? verdict(VerdictStatus.VERDICT_STATUS_FAILED, 1)
          : verdict(VerdictStatus.VERDICT_STATUS_INFRA_ERROR, 0),
    });
    const result = resultOf(await solve(client));
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
    const { client } = await start({ run: () => [unreachable] });
    expect(resultOf(await solve(client))).toMatchObject({
      status: RunStatus.RUN_STATUS_UNAVAILABLE,
      reason: 'MODEL_UNREACHABLE',
      message: 'Endpoint local did not answer.',
      answer: '',
    });
  });

  it('ends runs that a killed process left behind', async () => {
    const first = await start({ run: () => [answered('first')], passes: () => 1 });
    const finished = (await solve(first.client, { options: { ...options, maxRounds: 1 } }))[0]?.run ?? '';
    // What a kill leaves: a run that was begun, with an owner that writes no more.
    const id = '0199-left-behind';
    const events = await journal.readEvents(finished.slice('runs/'.length), 0n, 6);
    const kept = events.map((event) => ({ ...event, run: `runs/${id}` }));
    const created = kept[0]?.event;
    if (created?.$case !== 'runCreated' || kept[0] === undefined) throw new Error('no run was created');
    const run = foldEvents(kept).run;
    const createdRun = foldEvents(kept.slice(0, 1)).run;
    await journal.createRun({
      id,
      tenant,
      requestId: '',
      requestHash: Uint8Array.of(1),
      created: created.value,
      event: kept[0],
      run: createdRun,
    });
    const claim = await journal.claim(id);
    await journal.append({
      runId: id,
      epoch: claim?.epoch ?? 0n,
      expectedSequence: 1n,
      events: kept.slice(1),
      run,
    });
    const second = await start({ run: () => [answered('x')] });
    const interrupted = await unary(second.client, 'getRun', { name: `runs/${id}` }, { tenant });
    expect(interrupted.run?.result).toMatchObject({
      status: RunStatus.RUN_STATUS_FAILED,
      reason: 'INTERRUPTED',
      answer: 'first',
      bestRound: 1,
      visible: { passed: 1, total: 2 },
      rounds: 1,
    });
    expect((await collect(second.client, `runs/${id}`)).map((event) => Number(event.sequence))).toEqual([
      1, 2, 3, 4, 5, 6, 7,
    ]);
  });

  it('does one meta step alone', async () => {
    const { client, fakes } = await start({ run: () => [answered('x')] });
    const propose = async (
      earlier: readonly EarlierRound[],
      policy = 'search',
    ): Promise<WorkflowProposed> => {
      const request = { task, options: { ...options, policy }, earlier: [...earlier] };
      for await (const { output } of serverStream(client, 'proposeWorkflow', request, { tenant })) {
        if (output?.$case === 'proposed') return output.value;
      }
      throw new Error('nothing was proposed');
    };
    const first = await propose([]);
    expect(first).toMatchObject({ valid: true, refusal: '' });
    const earlier = [{ source: first.source, score: 0.5, feedback: 'Half of it.' }];
    const second = await propose(earlier);
    expect(second).toMatchObject({ valid: true, refusal: '' });
    expect(second.source).not.toBe(first.source);
    expect(fakes.runs).toHaveLength(0);
    await expect(propose(earlier, 'fixed:single')).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'POLICY_EXHAUSTED',
    });
    await expect(propose([{ source: '', score: 2, feedback: '' }])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      options: { fieldViolations: [expect.objectContaining({ field: 'earlier[0].score' })] as unknown },
    });
  });

  it('refuses to export, with details', async () => {
    const { client } = await start({ run: () => [answered('x')] });
    const stream = serverStream(client, 'exportTrajectories', { after: undefined });
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      reason: 'METHOD_UNIMPLEMENTED',
    });
  });

  it('keeps many runs at once apart', async () => {
    const { client } = await start({ run: (request) => [answered(request.problem)] }, 8);
    const problems = Array.from({ length: 40 }, (_, index) => `Question ${index}?`);
    const all = await Promise.all(
      problems.map((text) => solve(client, { task: Task.fromPartial({ problem: text }) })),
    );
    expect(all.map((events) => resultOf(events).answer)).toEqual(problems);
    for (const events of all) {
      expect(events.map((event) => Number(event.sequence))).toEqual(events.map((_, index) => index + 1));
    }
  });

  async function collect(
    client: MetaAgentServiceClient,
    name: string,
    afterSequence = 0n,
  ): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    const stream = serverStream(
      client,
      'watchRun',
      { name, afterSequence, streamTokens: false },
      { deadlineMs: 30_000, tenant },
    );
    for await (const { event } of stream) if (event !== undefined) events.push(event);
    return events;
  }

  function list(client: MetaAgentServiceClient, change: object = {}) {
    return unary(client, 'listRuns', { pageSize: 0, pageToken: '', state: 0, ...change }, { tenant });
  }
});

const options = baseOptions();

function baseOptions() {
  return {
    policy: '',
    meta: undefined,
    worker: undefined,
    maxRounds: 0,
    validationRuns: 0,
    maxRepairs: undefined,
    budget: undefined,
    deadlineMs: 0,
    seed: 0,
    mode: 0,
  };
}

function hiddenTask(): Task {
  return Task.fromPartial({
    problem,
    visibleChecks: {
      hidden: true,
      suite: { $case: 'function', value: { entryPoint: 'add', asserts: ['assert add(1, 1) == 2'] } },
    },
  });
}

function verdict(status: VerdictStatus, passed: number): Verdict {
  const integrity = Integrity.INTEGRITY_ISOLATED;
  return Verdict.fromPartial({ status, integrity, passed, total: 2, passRate: passed / 2, wallMs: 10 });
}
