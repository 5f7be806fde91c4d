import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Integrity } from '@flowreasoner/contracts/sandbox';
import { startTemporaryPostgres } from '@flowreasoner/testing';
import { Kysely, PGliteDialect } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskStore } from '../../ports.js';
import type { RewardTask } from '../../tasks/task.js';
import { functionSuite } from '../../testing/fixtures.js';
import { openPostgresTaskStore } from './postgres-task-store.js';
import { SqlTaskStore } from './sql-task-store.js';
import type { TaskStoreLimits } from './task-store-limits.js';

/** A database that a test opens stores on, one after another as restarts do. */
interface Place {
  open(limits?: TaskStoreLimits): Promise<TaskStore & { close?(): Promise<void> }>;
  stop(): Promise<void>;
}

let time = Date.UTC(2026, 0, 1);

/** The embedded way: a folder that is opened anew for each store. */
function pglitePlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'flow-tasks-'));
  let opened: Kysely<unknown> | undefined;
  return Promise.resolve({
    async open(limits = {}) {
      await opened?.destroy();
      const pglite = await PGlite.create(folder);
      const database = new Kysely<unknown>({ dialect: new PGliteDialect({ pglite }) });
      opened = database;
      return SqlTaskStore.open({ database, limits, now: () => time });
    },
    async stop() {
      await opened?.destroy();
      rmSync(folder, { recursive: true });
    },
  });
}

async function postgresPlace(): Promise<Place> {
  const server = await startTemporaryPostgres();
  const opened: { close(): Promise<void> }[] = [];
  return {
    async open(limits = {}) {
      const store = await openPostgresTaskStore({ url: server.url, limits, now: () => time });
      opened.push(store);
      return store;
    },
    async stop() {
      for (const store of opened) await store.close();
      await server.stop();
    },
  };
}

let count = 0;

function task(changes: Partial<RewardTask> = {}): RewardTask {
  count += 1;
  return {
    handle: `tasks/${count}`,
    tenant: 'default',
    requestId: '',
    bodyDigest: 'body',
    tests: { kind: 'suite', suite: { ...functionSuite(), integrity: Integrity.INTEGRITY_ISOLATED } },
    testsDigest: 'tests',
    integrity: Integrity.INTEGRITY_ISOLATED,
    visibleCases: [true, false],
    bytes: 100,
    ...changes,
  };
}

const math = { rule: { $case: 'math', value: { accepted: ['42'] } } } as const;
const answerTask = (): RewardTask =>
  task({
    tests: { kind: 'answer', checks: { rule: { $case: 'math', value: { accepted: ['42'] } } } },
    visibleCases: [false],
  });

describe.each([
  ['PGlite', pglitePlace],
  ['Postgres', postgresPlace],
])('a store of tasks on %s', (_name, startPlace) => {
  let place: Place;
  beforeAll(async () => {
    place = await startPlace();
  });
  afterAll(() => place.stop());

  it('gives back after a restart what was put before it', async () => {
    const before = await place.open();
    const [suite, answer] = [task({ requestId: 'r1', tenant: 'acme' }), answerTask()];
    for (const put of [suite, answer]) expect(await before.put(put)).toEqual(put);
    const after = await place.open();
    expect(await after.get(suite.handle)).toEqual(suite);
    expect((await after.get(answer.handle))?.tests).toMatchObject({ kind: 'answer', checks: math });
    expect(await after.findByRequest('acme', 'r1')).toEqual(suite);
    expect(await after.findByRequest('other', 'r1')).toBeUndefined();
    expect(await after.get('tasks/none')).toBeUndefined();
  });

  it('keeps the first of two tasks that were put under one request id', async () => {
    const store = await place.open();
    const [one, two] = [task({ requestId: 'twice' }), task({ requestId: 'twice' })];
    const kept = await Promise.all([store.put(one), store.put(two)]);
    expect(new Set(kept.map(({ handle }) => handle)).size).toBe(1);
    const [first] = kept;
    const [lost] = [one, two].filter(({ handle }) => handle !== first.handle);
    expect(await store.get(lost?.handle ?? '')).toBeUndefined();
    expect((await store.put(task({ requestId: 'twice', tenant: 'other' }))).handle).not.toBe(first.handle);
  });

  it('forgets the tasks used longest ago, in number and in size', async () => {
    const store = await place.open({ tasks: 3, bytes: 1_000_000 });
    const tasks: RewardTask[] = [];
    for (let made = 0; made < 3; made += 1) {
      time += 60_000;
      const next = task();
      tasks.push(next);
      await store.put(next);
    }
    const [first, second, third] = tasks.map(({ handle }) => handle) as [string, string, string];
    time += 60_000;
    expect(await store.get(first)).toBeDefined();
    time += 60_000;
    const fourth = task();
    await store.put(fourth);
    const kept = async (handles: string[]): Promise<boolean[]> => {
      const reader = await place.open();
      const found = await Promise.all(handles.map((handle) => reader.get(handle)));
      return found.map((one) => one !== undefined);
    };
    expect(await kept([first, second, third, fourth.handle])).toEqual([true, false, true, true]);
    time += 60_000;
    const large = task({ bytes: 999_990 });
    await (await place.open({ tasks: 3, bytes: 1_000_000 })).put(large);
    expect(await kept([first, third, fourth.handle, large.handle])).toEqual([false, false, false, true]);
  });
});

it('says nothing of what was being stored when the database fails', async () => {
  const pglite = await PGlite.create();
  const database = new Kysely<unknown>({ dialect: new PGliteDialect({ pglite }) });
  const store = await SqlTaskStore.open({ database });
  const secret = 'marker_91c2';
  // Postgres has no NUL in a text, and its error quotes the row.
  const failed = store.put(task({ handle: `\u0000${secret}`, bodyDigest: secret }));
  await expect(failed).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'TASK_STORE_FAILED' });
  await expect(failed).rejects.not.toThrow(secret);
  await database.destroy();
});
