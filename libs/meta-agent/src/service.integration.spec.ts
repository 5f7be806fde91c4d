import type { CanonicalRow } from './runs/trajectory.js';
import {
  type ExportTrajectoriesRequest,
  type ListRunsRequest,
  type PruneRunsRequest,
  RunState,
  RunStatus,
  StopReason,
  Task,
  type EarlierRound,
  type WorkflowProposed,
} from '@flowreasoner/contracts/metaagent';
import { serverStream, unary } from '@flowreasoner/rpc';
import { describe, expect, it } from 'vitest';
import { answered } from './testing/fake-services.js';
import {
  baseOptions,
  eventNames,
  problem,
  resultOf,
  task,
  useServiceHarness,
} from './testing/service-harness.js';

const options = baseOptions();

describe('the meta-agent service', () => {
  const harness = useServiceHarness();

  it('is cancelled by CancelRun, and tells watchers', async () => {
    const { client, fakes } = await harness.start({ run: () => ['hang'] });
    const { run } = await unary(
      client,
      'createRun',
      { requestId: '', task, options: undefined },
      { tenant: harness.tenant },
    );
    const name = run?.name ?? '';
    await expect.poll(() => fakes.runs.length).toBe(1);
    const watching = harness.watch(client, name);
    await unary(client, 'cancelRun', { name }, { tenant: harness.tenant });
    const events = await watching;
    expect(resultOf(events)).toMatchObject({
      status: RunStatus.RUN_STATUS_CANCELLED,
      stopReason: StopReason.STOP_REASON_CANCELLED,
      reason: 'RUN_CANCELLED',
    });
    await expect.poll(() => fakes.cancelled).toBe(1);
    const again = await unary(client, 'cancelRun', { name }, { tenant: harness.tenant });
    expect(again.run?.result?.status).toBe(RunStatus.RUN_STATUS_CANCELLED);
  });

  it('is cancelled when the Solve call is', async () => {
    const { client, fakes } = await harness.start({ run: () => ['hang'] });
    const request = { requestId: '', task, options: undefined, streamTokens: false };
    for await (const { event } of serverStream(client, 'solve', request, { tenant: harness.tenant })) {
      if (event?.event?.$case === 'workflowProposed') break;
    }
    await expect
      .poll(async () => (await harness.list(client)).runs[0]?.result?.status, { timeout: 5_000 })
      .toBe(RunStatus.RUN_STATUS_CANCELLED);
    expect(fakes.cancelled).toBeLessThanOrEqual(1);
  });

  it('is cancelled, with the reason, when the service stops', async () => {
    const { client, fakes, handle } = await harness.start({ run: () => ['hang'] }, 1);
    const watching = harness.solve(client);
    await expect.poll(() => fakes.runs.length).toBe(1);
    const queued = harness.solve(client);
    await expect.poll(async () => (await harness.list(client)).runs.length).toBe(2);
    await handle.close('The host was asked to stop.');
    for (const events of [await watching, await queued]) {
      expect(resultOf(events)).toMatchObject({
        status: RunStatus.RUN_STATUS_CANCELLED,
        reason: 'SERVICE_STOPPED',
        message: 'The host was asked to stop.',
      });
    }
    await expect(
      unary(client, 'createRun', { requestId: '', task, options: undefined }, { tenant: harness.tenant }),
    ).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'SERVICE_STOPPING',
    });
  });

  it('watches from any sequence on, and ends after the end', async () => {
    const { client } = await harness.start({
      run: (_, index) => [
        { $case: 'tokenDelta', value: { callId: 'c', requestId: 'r', text: 'tok' } },
        answered(`attempt ${index}`),
      ],
      passes: () => 0,
    });
    const events = await harness.solve(client, { streamTokens: true, options: { ...options, maxRounds: 3 } });
    const journalled = events.filter((event) => event.sequence > 0n);
    expect(journalled.map((event) => Number(event.sequence))).toEqual(
      journalled.map((_, index) => index + 1),
    );
    expect(events.length - journalled.length).toBe(3);
    const name = events[0]?.run ?? '';
    expect(await harness.watch(client, name)).toEqual(journalled);
    expect(await harness.watch(client, name, 5n)).toEqual(journalled.slice(5));
    expect(await harness.watch(client, name, BigInt(journalled.length))).toEqual([]);
    expect(await harness.watch(client, name, 1_000n)).toEqual([]);
  });

  it('creates one run a request id', async () => {
    const { client } = await harness.start({ run: () => [answered('x')] });
    const request = { requestId: 'once', task, options: undefined };
    const first = await unary(client, 'createRun', request, { tenant: harness.tenant });
    const again = await unary(client, 'createRun', request, { tenant: harness.tenant });
    expect(again.run?.name).toBe(first.run?.name);
    await expect(
      unary(
        client,
        'createRun',
        { ...request, task: Task.fromPartial({ problem: 'other' }) },
        { tenant: harness.tenant },
      ),
    ).rejects.toMatchObject({ code: 'ALREADY_EXISTS', reason: 'REQUEST_ID_REUSED' });
  });

  it('lists runs newest first, page by page', async () => {
    const { client } = await harness.start({ run: () => [answered('x')] });
    const created: string[] = [];
    for (let i = 0; i < 5; i++) created.push((await harness.solve(client))[0]?.run ?? '');
    const first = await harness.list(client, { pageSize: 3 });
    const second = await harness.list(client, { pageSize: 3, pageToken: first.nextPageToken });
    expect([...first.runs, ...second.runs].map((run) => run.name)).toEqual(created.reverse());
    expect(second.nextPageToken).toBe('');
    expect((await harness.list(client, { state: RunState.RUN_STATE_RUNNING })).runs).toEqual([]);
    await expect(harness.list(client, { pageToken: 'junk!' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it.each([
    ['no task', { task: undefined }, 'task'],
    ['an empty problem', { task: Task.fromPartial({ problem: ' \n' }) }, 'task.problem'],
    ['a large problem', { task: Task.fromPartial({ problem: 'x'.repeat(256 * 1024 + 1) }) }, 'task.problem'],
    ['no identifier', { task: Task.fromPartial({ problem, entryPoint: 'a b' }) }, 'task.entry_point'],
    ['hidden checks', { task: hiddenTask() }, 'task.visible_checks.hidden'],
    ['a long request id', { requestId: 'x'.repeat(65) }, 'request_id'],
    ['a request id with a NUL character', { requestId: 'a\0b' }, 'request_id'],
    ['a task id with a NUL character', { task: { ...task, id: 'a\0b' } }, 'task.id'],
    ['an unknown policy', { options: { ...baseOptions(), policy: 'fixed:nothing' } }, 'options.policy'],
    ['too many rounds', { options: { ...baseOptions(), maxRounds: 51 } }, 'options.max_rounds'],
    ['no model to ask', { options: { ...baseOptions(), policy: 'llm' } }, 'options.policy'],
  ])('refuses %s and names the field', async (_, change, field) => {
    const { client } = await harness.start({ run: () => [answered('x')] });
    const refused: unknown = await harness.solve(client, change).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'INVALID_ARGUMENT',
      options: { fieldViolations: [expect.objectContaining({ field })] as unknown },
    });
  });

  it('refuses names of runs that are none, and says which runs do not exist', async () => {
    const { client } = await harness.start({ run: () => [answered('x')] });
    await expect(unary(client, 'getRun', { name: 'runs/../x' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    const missing = { code: 'NOT_FOUND', reason: 'RUN_NOT_FOUND' };
    await expect(unary(client, 'getRun', { name: 'runs/none' })).rejects.toMatchObject(missing);
    await expect(unary(client, 'cancelRun', { name: 'runs/none' })).rejects.toMatchObject(missing);
    await expect(harness.watch(client, 'runs/none')).rejects.toMatchObject(missing);
  });

  it('shows a run to its tenant alone', async () => {
    const { client } = await harness.start({ run: () => [answered('x')] });
    const name = (await harness.solve(client))[0]?.run ?? '';
    await expect(unary(client, 'getRun', { name }, { tenant: 'another' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  describe('with runs that a killed process left behind', () => {
    /** What a kill leaves of a run with a finished round: an owner that writes no more. */
    async function leaveBehind(): Promise<string> {
      const first = await harness.start({ run: () => [answered('first')], passes: () => 1 });
      const solved = await harness.solve(first.client, { options: { ...options, maxRounds: 1 } });
      await harness.stop();
      const asked = { ...options, maxRounds: 2 };
      return harness.leaveBehind(
        solved.slice(0, -1).map((event) => {
          const fact = event.event;
          if (fact?.$case !== 'runCreated') return event;
          const value = { ...fact.value, options: { ...fact.value.options, ...asked } };
          return { ...event, event: { $case: fact.$case, value } };
        }),
      );
    }

    it('ends them with the best answer where that is wanted', async () => {
      const name = await leaveBehind();
      const { client, fakes } = await harness.start({ run: () => [answered('x')] }, 4, {
        unfinishedRuns: 'end',
      });
      const { run } = await unary(client, 'getRun', { name }, { tenant: harness.tenant });
      expect(run?.result).toMatchObject({
        status: RunStatus.RUN_STATUS_FAILED,
        reason: 'INTERRUPTED',
        answer: 'first',
        bestRound: 1,
        visible: { passed: 1, total: 2 },
        rounds: 1,
        usage: { modelCalls: 1, promptTokens: 100 },
      });
      expect(run?.result?.workflow).toContain('class');
      expect(fakes.runs).toHaveLength(0);
    });

    it('goes on with them from their last event', async () => {
      const name = await leaveBehind();
      const { client, fakes } = await harness.start({ run: () => [answered('second')] });
      const events = await harness.watch(client, name);
      expect(events.map((event) => Number(event.sequence))).toEqual(events.map((_, index) => index + 1));
      expect(eventNames(events).filter((each) => each === 'runStarted')).toHaveLength(2);
      expect(resultOf(events)).toMatchObject({
        status: RunStatus.RUN_STATUS_SOLVED,
        answer: 'second',
        bestRound: 2,
        rounds: 2,
        usage: { modelCalls: 2, promptTokens: 200 },
      });
      expect(fakes.runs).toHaveLength(1);
    });
  });

  it('does one meta step alone', async () => {
    const { client, fakes } = await harness.start({ run: () => [answered('x')] });
    const propose = async (
      earlier: readonly EarlierRound[],
      policy = 'search',
    ): Promise<WorkflowProposed> => {
      const request = { task, options: { ...options, policy }, earlier: [...earlier] };
      for await (const { output } of serverStream(client, 'proposeWorkflow', request, {
        tenant: harness.tenant,
      })) {
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

  it('lists by state, status, policy, task and time, and refuses a page of another filter', async () => {
    const { client } = await harness.start({ run: () => [answered('x')] });
    const names: string[] = [];
    for (const policy of ['search', 'fixed:single', 'search']) {
      const solved = await harness.solve(client, {
        task: { ...task, id: policy },
        options: { ...options, policy },
      });
      names.push(solved[0]?.run ?? '');
    }
    const listed = async (change: Partial<ListRunsRequest>): Promise<string[]> =>
      (await harness.list(client, change)).runs.map((run) => run.name);
    const [first, second, third] = names;
    expect(await listed({ policy: 'fixed:single' })).toEqual([second]);
    expect(await listed({ taskId: 'search' })).toEqual([third, first]);
    expect(await listed({ state: RunState.RUN_STATE_FINISHED })).toEqual([third, second, first]);
    expect(await listed({ status: RunStatus.RUN_STATUS_SOLVED })).toEqual([third, second, first]);
    expect(await listed({ status: RunStatus.RUN_STATUS_CANCELLED })).toEqual([]);
    const created = (await harness.list(client, { policy: 'fixed:single' })).runs[0]?.createTime;
    expect(await listed({ createdAfter: created })).toEqual([third, second]);
    expect(await listed({ createdBefore: created })).toEqual([first]);
    const { nextPageToken } = await harness.list(client, { pageSize: 1 });
    await expect(
      harness.list(client, { pageSize: 1, pageToken: nextPageToken, policy: 'search' }),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'PAGE_INVALID' });
  });

  it('deletes finished runs of the tenant alone', async () => {
    const { client } = await harness.start({ run: () => [answered('x')] });
    const solved = (await harness.solve(client)).filter(({ sequence }) => sequence > 0n);
    const name = solved[0]?.run ?? '';
    const events = BigInt(solved.length);
    const tenant = harness.tenant;
    const prune = (change: Partial<PruneRunsRequest>, as = tenant) =>
      unary(
        client,
        'pruneRuns',
        { endedBefore: new Date(Date.now() + 60_000), status: 0, dryRun: false, ...change },
        { tenant: as },
      );
    await expect(prune({ endedBefore: undefined })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await prune({}, 'another')).toMatchObject({ runs: 0 });
    expect(await prune({ status: RunStatus.RUN_STATUS_FAILED })).toMatchObject({ runs: 0 });
    expect(await prune({ dryRun: true })).toMatchObject({ runs: 1, events });
    expect(await prune({})).toMatchObject({ runs: 1, events });
    await expect(unary(client, 'getRun', { name }, { tenant })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('exports finished runs as training rows, without anything of hidden tests but counts', async () => {
    const { client } = await harness.start({
      run: (_, index) => [answered(`attempt ${index}`)],
      passes: (candidate, total) => (candidate === 'attempt 1' ? total : 1),
    });
    const solved = await harness.solve(client, { task: { ...task, id: 'adds', rewardTask: 'tasks/abc' } });
    const rows: CanonicalRow[] = [];
    const exported = async (change: Partial<ExportTrajectoriesRequest>, tenant = harness.tenant) => {
      rows.length = 0;
      const request = { after: undefined, before: undefined, status: 0, ...change };
      for await (const { rowJson } of serverStream(client, 'exportTrajectories', request, { tenant })) {
        rows.push(JSON.parse(rowJson) as CanonicalRow);
      }
      return rows;
    };
    const [row] = await exported({});
    expect(rows).toHaveLength(1);
    expect(row?.system).toContain('You design small multi-agent workflows.');
    expect(row?.prompt).toContain('>>> add(1, 2)');
    expect(row?.prompt).toContain('Workflow of round 1, score 0.50: improve this one');
    expect(row?.answer).toBe(resultOf(solved).workflow);
    expect(row?.meta).toMatchObject({
      run: solved[0]?.run,
      task_id: 'adds',
      policy: 'search',
      round: 2,
      rounds: 2,
      status: 'solved',
      score: 1,
      visible: { passed: 2, total: 2 },
      hidden: { passed: 4, total: 4, strictPassed: 2, strictTotal: 2, reward: 1.5 },
    });
    expect(Object.keys(row ?? {}).sort()).toEqual(['answer', 'meta', 'prompt', 'reasoning', 'system']);
    expect(await exported({ before: new Date(0) })).toEqual([]);
    expect(await exported({ status: RunStatus.RUN_STATUS_BUDGET })).toEqual([]);
    expect(await exported({}, 'another')).toEqual([]);
  });

  it('keeps many runs at once apart, and asks for the operators once', async () => {
    const { client, fakes } = await harness.start({ run: (request) => [answered(request.problem)] }, 8);
    const problems = Array.from({ length: 40 }, (_, index) => `Question ${index}?`);
    const all = await Promise.all(
      problems.map((text) => harness.solve(client, { task: Task.fromPartial({ problem: text }) })),
    );
    expect(all.map((events) => resultOf(events).answer)).toEqual(problems);
    expect(fakes.listed).toBe(1);
    for (const events of all) {
      expect(events.map((event) => Number(event.sequence))).toEqual(events.map((_, index) => index + 1));
    }
  });
});

function hiddenTask(): Task {
  return Task.fromPartial({
    problem,
    visibleChecks: {
      hidden: true,
      suite: { $case: 'function', value: { entryPoint: 'add', asserts: ['assert add(1, 1) == 2'] } },
    },
  });
}
