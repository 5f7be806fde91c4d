import { FlowError } from '@flowreasoner/rpc';
import { sql, type Kysely } from 'kysely';
import { LruCache } from '../../lru-cache.js';
import type { TaskStore } from '../../ports.js';
import type { RewardTask } from '../../tasks/task.js';
import { migrateTasks } from './migrations.js';
import { toRow, toTask, type RewardSchema } from './task-rows.js';
import { DEFAULT_TASK_BYTES, DEFAULT_TASKS, type TaskStoreLimits } from './task-store-limits.js';

/** Tasks kept in memory for the next score, of which each is one row of the database. */
const CACHED = { entries: 10_000, bytes: 64 * 1024 * 1024 };

/** How exactly the database knows when a task was last used, in milliseconds. */
const USE_RESOLUTION_MS = 60_000;

/** The part of its bounds that a full store makes room by, so that not every task has to. */
const ROOM = 0.05;

/** Where a {@link SqlTaskStore} keeps its tasks. */
export interface SqlTaskStoreOptions<Schema> {
  /** Postgres, or PGlite; closed by whoever opened it. */
  readonly database: Kysely<Schema>;
  readonly limits?: TaskStoreLimits;
  /** Milliseconds since 1970-01-01 UTC. Default: the system's clock. */
  readonly now?: () => number;
}

/** Keeps tasks in tables of its own, which several processes may share. */
export class SqlTaskStore implements TaskStore {
  readonly #db: Kysely<RewardSchema>;
  readonly #tasks: number;
  readonly #bytes: number;
  readonly #now: () => number;
  readonly #cache = new LruCache<{ readonly task: RewardTask; readonly readAt: number }>({
    entries: CACHED.entries,
    weight: CACHED.bytes,
    weigh: ({ task }) => task.bytes,
  });
  /** What may still be put before the store has to be looked at. */
  #room = { tasks: 0, bytes: 0 };

  private constructor(database: Kysely<RewardSchema>, limits: TaskStoreLimits, now: () => number) {
    this.#db = database;
    this.#tasks = limits.tasks ?? DEFAULT_TASKS;
    this.#bytes = limits.bytes ?? DEFAULT_TASK_BYTES;
    this.#now = now;
  }

  /**
   * Brings the tables up to date.
   *
   * @throws FlowError UNAVAILABLE TASK_STORE_FAILED when that fails
   */
  static async open<Schema>(options: SqlTaskStoreOptions<Schema>): Promise<SqlTaskStore> {
    const { database, limits = {}, now = Date.now } = options;
    await guard(migrateTasks(database));
    // The tables stand beside whatever else the database holds.
    return new SqlTaskStore(database as unknown as Kysely<RewardSchema>, limits, now);
  }

  async get(handle: string): Promise<RewardTask | undefined> {
    const now = this.#now();
    const cached = this.#cache.get(handle);
    if (cached !== undefined && now - cached.readAt < USE_RESOLUTION_MS) return cached.task;
    const row = await guard(
      this.#db
        .updateTable('reward_tasks')
        .set({ used_at: new Date(now) })
        .where('handle', '=', handle)
        .returningAll()
        .executeTakeFirst(),
    );
    if (row === undefined) return undefined;
    const task = toTask(row);
    this.#cache.set(handle, { task, readAt: now });
    return task;
  }

  async findByRequest(tenant: string, requestId: string): Promise<RewardTask | undefined> {
    const row = await guard(
      this.#db
        .selectFrom('reward_tasks')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('request_id', '=', requestId)
        .executeTakeFirst(),
    );
    return row && toTask(row);
  }

  async put(task: RewardTask): Promise<RewardTask> {
    const inserted = await guard(
      this.#db
        .insertInto('reward_tasks')
        .values(toRow(task, new Date(this.#now())))
        .onConflict((conflict) => conflict.constraint('reward_tasks_request_id').doNothing())
        .executeTakeFirst(),
    );
    if (inserted.numInsertedOrUpdatedRows === 0n) {
      // It may be forgotten again between the two statements: then there is room for this one.
      return (await this.findByRequest(task.tenant, task.requestId)) ?? this.put(task);
    }
    await this.#makeRoom(task);
    return task;
  }

  async #makeRoom(task: RewardTask): Promise<void> {
    this.#room = { tasks: this.#room.tasks - 1, bytes: this.#room.bytes - task.bytes };
    if (this.#room.tasks >= 0 && this.#room.bytes >= 0) return;
    const kept = (await this.#size(this.#tasks, this.#bytes)) ?? (await this.#forget());
    this.#room = { tasks: this.#tasks - kept.tasks, bytes: this.#bytes - kept.bytes };
  }

  /** What is stored, or undefined where that is more than it may be. */
  async #size(tasks: number, bytes: number): Promise<{ tasks: number; bytes: number } | undefined> {
    const { rows } = await guard(
      sql<Size>`select count(*) as tasks, coalesce(sum(bytes), 0) as bytes from reward_tasks`.execute(
        this.#db,
      ),
    );
    const size = { tasks: Number(rows[0]?.tasks), bytes: Number(rows[0]?.bytes) };
    return size.tasks <= tasks && size.bytes <= bytes ? size : undefined;
  }

  /** Forgets the tasks used longest ago; the newest stays, whatever its size. */
  async #forget(): Promise<{ tasks: number; bytes: number }> {
    const [tasks, bytes] = [this.#tasks, this.#bytes].map((limit) => limit - Math.floor(limit * ROOM));
    await guard(
      sql`delete from reward_tasks where handle in (
            select handle from (
              select handle, row_number() over newest as place, sum(bytes) over newest as total
              from reward_tasks window newest as (order by used_at desc, handle)
            ) as ranked
            where place > 1 and (place > ${tasks} or total > ${bytes}))`.execute(this.#db),
    );
    return (await this.#size(Infinity, Infinity)) ?? { tasks: 0, bytes: 0 };
  }
}

interface Size {
  readonly tasks: string | number | bigint;
  readonly bytes: string | number | bigint;
}

/**
 * An error of the database may quote what was being stored, and so a hidden
 * test: only its code is told.
 */
async function guard<T>(action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    const told = typeof code === 'string' ? ` (${code})` : '';
    throw new FlowError('UNAVAILABLE', 'TASK_STORE_FAILED', `The store of tasks failed${told}.`, {
      hint: 'Try again; if it stays, look at the database of the reward service.',
    });
  }
}
