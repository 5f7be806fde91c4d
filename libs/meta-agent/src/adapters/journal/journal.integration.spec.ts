import { RunOptions, RunState, type Run, type RunEvent } from '@flowreasoner/contracts/metaagent';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FlowError } from '@flowreasoner/rpc';
import type { Journal, NewRun } from '../../ports.js';
import { emptyFold, foldEvent, foldEvents, type RunFold } from '../../runs/run-fold.js';
import { runName } from '../../runs/run-name.js';
import { systemClock } from '../system-clock.js';
import { createTimeOrderedIds } from '../time-ordered-ids.js';
import { openPgliteJournal } from './pglite-journal.js';
import { openPostgresJournal } from './postgres-journal.js';
import { startTemporaryPostgres } from '@flowreasoner/testing';

interface OpenedJournal {
  readonly journal: Journal;
  close(): Promise<void>;
}

async function openPglite(): Promise<OpenedJournal> {
  const folder = mkdtempSync(join(tmpdir(), 'flow-journal-'));
  const journal = await openPgliteJournal({ folder });
  return {
    journal,
    async close() {
      await journal.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openPostgres(): Promise<OpenedJournal> {
  const server = await startTemporaryPostgres();
  const journal = await openPostgresJournal({ url: server.url });
  return {
    journal,
    async close() {
      await journal.close();
      await server.stop();
    },
  };
}

const ids = createTimeOrderedIds(systemClock);

function newRun(options: { tenant?: string; requestId?: string; hash?: number } = {}): {
  run: NewRun;
  fold: RunFold;
} {
  const id = ids.next();
  const created = {
    task: {
      id: 't',
      kind: 0,
      problem: 'Ünïcode \u0001 problem',
      entryPoint: '',
      visibleChecks: undefined,
      rewardTask: '',
      context: '',
      answerChecks: undefined,
    },
    options: undefined,
  };
  const event = eventOf(id, 1n, { $case: 'runCreated', value: created });
  const fold = foldEvent(emptyFold, event);
  const run: NewRun = {
    id,
    tenant: options.tenant ?? 'default',
    requestId: options.requestId ?? '',
    requestHash: Uint8Array.of(options.hash ?? 1),
    created,
    event,
    run: fold.run,
    maxQueued: 10_000,
    quota: {},
  };
  return { run, fold };
}

function eventOf(id: string, sequence: bigint, event: RunEvent['event']): RunEvent {
  return { run: runName(id), sequence, time: new Date(1_700_000_000_000), round: 0, event };
}

function reasoning(id: string, sequence: bigint): RunEvent {
  return eventOf(id, sequence, { $case: 'reasoning', value: { text: `thought ${sequence}` } });
}

const finished: RunEvent['event'] = { $case: 'runFinished', value: { result: undefined } };

describe.each([
  { name: 'PGlite', open: openPglite, exclusive: true },
  { name: 'Postgres', open: openPostgres, exclusive: false },
])('the journal on $name', ({ open, exclusive }) => {
  let opened: OpenedJournal;
  let journal: Journal;
  beforeAll(async () => {
    opened = await open();
    journal = opened.journal;
  });
  afterAll(() => opened.close());

  async function createRun(options?: Parameters<typeof newRun>[0]): Promise<{ id: string; fold: RunFold }> {
    const { run, fold } = newRun(options);
    await journal.createRun(run);
    return { id: run.id, fold };
  }

  it('says whether others can own its runs', () => {
    expect(journal.exclusive).toBe(exclusive);
  });

  it('keeps a run and gives it back as it was', async () => {
    const { run } = newRun();
    expect(await journal.createRun(run)).toEqual({ id: run.id, created: true });
    expect(await journal.getRun('default', run.id)).toEqual(run.run);
    expect(await journal.readEvents(run.id, 0n, 10)).toEqual([run.event]);
    expect(await journal.getRun('another', run.id)).toBeUndefined();
    expect(await journal.getRun('default', 'nobody')).toBeUndefined();
  });

  it('creates one run a request id, and refuses the id for another request', async () => {
    const first = newRun({ requestId: 'once' });
    await journal.createRun(first.run);
    const again = newRun({ requestId: 'once' });
    expect(await journal.createRun(again.run)).toEqual({ id: first.run.id, created: false });
    await expect(journal.createRun(newRun({ requestId: 'once', hash: 2 }).run)).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      reason: 'REQUEST_ID_REUSED',
    });
    const other = newRun({ requestId: 'once', hash: 2, tenant: 'another' });
    expect(await journal.createRun(other.run)).toEqual({ id: other.run.id, created: true });
  });

  it('creates many runs at once, and one for those that share a request id', async () => {
    const alone = Array.from({ length: 40 }, () => newRun().run);
    const alike = Array.from({ length: 3 }, () => newRun({ requestId: 'alike' }).run);
    const elsewhere = newRun({ requestId: 'alike', tenant: 'another' }).run;
    const runs = [...alike.slice(1), ...alone, ...alike.slice(0, 1), elsewhere];
    const stored = await Promise.all(runs.map((run) => journal.createRun(run)));
    const [first = ''] = alike.flatMap(({ id }) => (stored.some((run) => run.id === id) ? id : []));
    expect(stored).toEqual(
      runs.map(({ id, tenant, requestId }) =>
        tenant === 'default' && requestId === 'alike'
          ? { id: first, created: id === first }
          : { id, created: true },
      ),
    );
    for (const { id, event, run } of alone) {
      expect(await journal.readEvents(id, 0n, 10)).toEqual([event]);
      expect((await journal.claim(id))?.first).toEqual(event);
      expect(await journal.getRun('default', id)).toEqual(run);
    }
    const jobs = await journal.queue.take(1_000);
    const withJob = runs.flatMap(({ id }) => (jobs.some(({ runId }) => runId === id) ? id : []));
    expect(withJob.sort()).toEqual([...alone, elsewhere, { id: first }].map(({ id }) => id).sort());
  });

  it('refuses those of many new runs for which there is no room, and no others', async () => {
    await createRun({ requestId: 'taken' });
    const before = await journal.unfinishedRuns(10_000);
    const small = { tenant: 'small' };
    const runs: NewRun[] = [
      newRun().run,
      newRun({ requestId: 'taken', hash: 2 }).run,
      { ...newRun().run, maxQueued: 0 },
      ...Array.from({ length: 4 }, () => ({ ...newRun(small).run, quota: { runsAtOnce: 2 } })),
      newRun().run,
    ];
    const results = await Promise.allSettled(runs.map((run) => journal.createRun(run)));
    const reasons = results.map((result) =>
      result.status === 'fulfilled' ? 'created' : (result.reason as FlowError).reason,
    );
    const ofSmall = reasons.splice(3, 4);
    expect(reasons).toEqual(['created', 'REQUEST_ID_REUSED', 'TOO_MANY_RUNS', 'created']);
    expect(ofSmall.sort()).toEqual(['TENANT_RUNS', 'TENANT_RUNS', 'created', 'created']);
    expect(await journal.unfinishedRuns(10_000)).toHaveLength(before.length + 4);
  });

  it('reserves for all of many new runs, and gives back what one has not used', async () => {
    const tenant = 'daily';
    const quota = { tokensPerDay: 100, usdPerDay: 1 };
    const asking = (tokens: number, costUsd?: number) => {
      const { run, fold } = newRun({ tenant });
      const options = RunOptions.fromPartial({
        budget: { tokens, ...(costUsd === undefined ? {} : { costUsd }) },
      });
      return { run: { ...run, quota, created: { ...run.created, options } }, fold };
    };
    const runs = [asking(30, 0.25), asking(20, 0.25), asking(40, 0.25)];
    const stored = await Promise.all(runs.map(({ run }) => journal.createRun(run)));
    expect(stored.map(({ created }) => created)).toEqual([true, true, true]);
    expect(await journal.leftToday(tenant, quota)).toMatchObject({ tokens: 10, costUsd: 0.25 });
    // One without a budget of its own asks for all that there is a day.
    for (const { run } of [asking(11, 0.1), asking(5)])
      await expect(journal.createRun(run)).rejects.toMatchObject({ reason: 'TENANT_BUDGET' });

    const { run, fold } = runs[2] ?? asking(0);
    const { epoch = 0n } = (await journal.claim(run.id)) ?? {};
    const usage = { modelCalls: 1, promptTokens: 3, completionTokens: 2, costUsd: 0.125, sandboxMs: 0 };
    const events = [eventOf(run.id, 2n, finished)];
    const end = { ...foldEvents(events, fold).run, usage };
    await journal.append({ runId: run.id, epoch, expectedSequence: 1n, events, run: end });
    expect(await journal.leftToday(tenant, quota)).toMatchObject({ tokens: 45, costUsd: 0.375 });
  });

  it('appends for the owner alone, and in order', async () => {
    const { id, fold } = await createRun();
    const claim = await journal.claim(id);
    const free = { tenant: 'default', cancelRequested: false };
    expect(claim).toMatchObject({ runId: id, epoch: 1n, lastSequence: 1n, ...free });
    const events = [reasoning(id, 2n), reasoning(id, 3n)];
    const run = foldEvents(events, fold).run;
    await journal.append({ runId: id, epoch: 1n, expectedSequence: 1n, events, run });
    const lost = { code: 'ABORTED', reason: 'RUN_LOST' };
    const late = { runId: id, events: [reasoning(id, 2n)], run };
    await expect(journal.append({ ...late, epoch: 1n, expectedSequence: 1n })).rejects.toMatchObject(lost);
    expect((await journal.claim(id))?.epoch).toBe(2n);
    const stale = { runId: id, events: [reasoning(id, 4n)], run };
    await expect(journal.append({ ...stale, epoch: 1n, expectedSequence: 3n })).rejects.toMatchObject(lost);
    await journal.append({ ...stale, epoch: 2n, expectedSequence: 3n });
    const all = await journal.readEvents(id, 0n, 10);
    expect(all.map((event) => event.sequence)).toEqual([1n, 2n, 3n, 4n]);
    expect((await journal.readEvents(id, 1n, 2)).map((event) => event.sequence)).toEqual([2n, 3n]);
  });

  it('takes appends of many runs at once; one that is refused harms no other', async () => {
    const runs = await Promise.all(Array.from({ length: 40 }, () => createRun()));
    const claims = await Promise.all(runs.map(({ id }) => journal.claim(id)));
    const appended = await Promise.allSettled(
      runs.map(({ id, fold }, index) => {
        const events = Array.from({ length: 25 }, (_, at) => reasoning(id, BigInt(at + 2)));
        const epoch = index === 7 ? 99n : (claims[index]?.epoch ?? 0n);
        return journal.append({
          runId: id,
          epoch,
          expectedSequence: 1n,
          events,
          run: foldEvents(events, fold).run,
        });
      }),
    );
    expect(
      appended.map((each, index) => (each.status === 'fulfilled' ? -1 : index)).filter((at) => at >= 0),
    ).toEqual([7]);
    for (const { id } of runs.filter((_, index) => index !== 7)) {
      const events = await journal.readEvents(id, 0n, 100);
      expect(events.map((event) => Number(event.sequence))).toEqual(
        Array.from({ length: 26 }, (_, at) => at + 1),
      );
      expect(await journal.getRun('default', id)).toEqual(foldEvents(events).run);
    }
  });

  it('lists newest first, by state, page by page, for one tenant', async () => {
    const tenant = 'lister';
    const created = [];
    for (let i = 0; i < 5; i++) created.push(await createRun({ tenant }));
    const newest = created.map(({ id }) => runName(id)).reverse();
    const names = async (query: object): Promise<string[]> =>
      (await journal.listRuns({ tenant, limit: 10, ...query })).map((run) => run.name);
    expect(await names({})).toEqual(newest);
    expect(await names({ limit: 2 })).toEqual(newest.slice(0, 2));
    expect(await names({ before: created[3]?.id, limit: 2 })).toEqual(newest.slice(2, 4));
    const last = created[4];
    if (last === undefined) throw new Error('nothing was created');
    const claim = await journal.claim(last.id);
    const event = eventOf(last.id, 2n, finished);
    const run = foldEvent(last.fold, event).run;
    await journal.append({
      runId: last.id,
      epoch: claim?.epoch ?? 0n,
      expectedSequence: 1n,
      events: [event],
      run,
    });
    expect(await names({ state: RunState.RUN_STATE_FINISHED })).toEqual(newest.slice(0, 1));
    expect(await names({ state: RunState.RUN_STATE_QUEUED })).toEqual(newest.slice(1));
    expect(await journal.claim(last.id)).toBeUndefined();
  });

  it('carries a wish to cancel to the owner, and knows runs without one', async () => {
    const { id } = await createRun();
    const claim = { runId: id, epoch: (await journal.claim(id))?.epoch ?? 0n };
    expect(await journal.inspect([claim])).toEqual({ lost: [], cancelled: [] });
    await journal.requestCancel(id);
    expect(await journal.inspect([claim])).toEqual({ lost: [], cancelled: [id] });
    expect(await journal.claim(id)).toMatchObject({ epoch: 2n, tenant: 'default', cancelRequested: true });
    expect(await journal.inspect([claim])).toEqual({ lost: [id], cancelled: [id] });
    expect(await journal.claim('nobody')).toBeUndefined();
  });

  it('tells other listeners of a wish to cancel as it is made, where others share it', async () => {
    if (exclusive) return;
    const heard: string[] = [];
    const stop = journal.onCancelRequested((id) => heard.push(id));
    const { id } = await createRun();
    await expect
      .poll(async () => {
        await journal.requestCancel(id);
        return heard;
      })
      .toContain(id);
    stop();
  });

  it('has one job a run, which is taken once, given back and finished', async () => {
    const { id } = await createRun();
    const take = async () => (await journal.queue.take(1_000)).find(({ runId }) => runId === id);
    const job = await take();
    expect(job).toEqual({ runId: id, attempt: 0 });
    if (job === undefined) throw new Error('the job was not taken');
    expect(await take()).toBeUndefined();
    await journal.queue.keep([job]);
    await journal.queue.giveBack(job);
    const again = await take();
    expect(again).toEqual({ runId: id, attempt: 1 });
    // Giving back what is somebody else's now changes nothing.
    await journal.queue.giveBack(job);
    expect(await take()).toBeUndefined();
    await journal.queue.finish(id);
    await journal.queue.giveBack({ runId: id, attempt: 1 });
    expect(await take()).toBeUndefined();
  });

  it('gives unfinished runs a job again that have none', async () => {
    const { id } = await createRun();
    await journal.queue.finish(id);
    await journal.queue.recover();
    expect((await journal.queue.take(1_000)).map(({ runId }) => runId)).toContain(id);
  });

  it('takes an append again whose success was not heard of, and no other', async () => {
    const { id, fold } = await createRun();
    const claim = await journal.claim(id);
    const events = [reasoning(id, 2n), reasoning(id, 3n)];
    const append = { runId: id, epoch: claim?.epoch ?? 0n, expectedSequence: 1n, events };
    const run = foldEvents(events, fold).run;
    await journal.append({ ...append, run });
    await journal.append({ ...append, run });
    expect(await journal.readEvents(id, 0n, 10)).toHaveLength(3);
    await journal.claim(id);
    await expect(journal.append({ ...append, run })).rejects.toMatchObject({ reason: 'RUN_LOST' });
  });

  it('stores a large payload once, gives it back, and deletes it with its last run', async () => {
    const tenant = `payloads-${exclusive}`;
    const text = 'ü'.repeat(5_000);
    const runs = [await createRun({ tenant }), await createRun({ tenant })];
    for (const { id, fold } of runs) {
      const claim = await journal.claim(id);
      const events = [
        eventOf(id, 2n, { $case: 'reasoning', value: { text } }),
        eventOf(id, 3n, {
          $case: 'evaluationRequestFinished',
          value: { wallMs: 1, fromMemo: false, memo: { key: 'k', response: Buffer.from(text) } },
        }),
        eventOf(id, 4n, finished),
      ];
      const run = foldEvents(events, fold).run;
      await journal.append({ runId: id, epoch: claim?.epoch ?? 0n, expectedSequence: 1n, events, run });
      expect((await journal.readEvents(id, 1n, 10)).map(({ event }) => event)).toEqual(
        events.map(({ event }) => event),
      );
    }
    const prune = (endedBefore: Date, dryRun = false) => journal.prune({ tenant, endedBefore, dryRun });
    expect(await prune(new Date(0))).toEqual({ runs: 0, events: 0, blobs: 0 });
    const later = new Date(2_000_000_000_000);
    expect(await prune(later, true)).toEqual({ runs: 2, events: 8, blobs: 0 });
    // One payload, four uses.
    expect(await prune(later)).toEqual({ runs: 2, events: 8, blobs: 1 });
    expect(await journal.listRuns({ tenant, limit: 10 })).toEqual([]);
  });

  it('keeps a problem of the greatest size, and lists its beginning', async () => {
    const { run } = newRun();
    const problem = 'x'.repeat(256 * 1024);
    const created = { ...run.created, task: { ...run.created.task, problem } } as NewRun['created'];
    const stored: Run = { ...run.run, task: created.task };
    await journal.createRun({ ...run, created, run: stored });
    expect((await journal.getRun('default', run.id))?.task?.problem.length).toBe(problem.length);
    const [listed] = await journal.listRuns({ tenant: 'default', limit: 1 });
    expect(listed?.task?.problem).toHaveLength(1_000);
  });
});
