import type { RunCreated, RunEvent, RunState, RunStatus, Run } from '@flowreasoner/contracts/metaagent';
import type { Budget } from '@flowreasoner/contracts/workflow';
import type { KeyStore } from './keys/key-store.js';

/** The time, and timers on it. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Calls `action` once after `ms` milliseconds; the returned function calls it off. */
  after(ms: number, action: () => void): () => void;
}

/** Makes identifiers. */
export interface Ids {
  /** A new identifier; identifiers sort as text in the order they were made. */
  next(): string;
}

/** Random numbers. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

/** A run to be created. */
export interface NewRun {
  readonly id: string;
  readonly tenant: string;
  /** Idempotency key; empty means none. */
  readonly requestId: string;
  /** SHA-256 of the request, compared when `requestId` is used again. */
  readonly requestHash: Uint8Array;
  readonly created: RunCreated;
  /** The `run_created` event, with sequence 1. */
  readonly event: RunEvent;
  /** The state after that event. */
  readonly run: Run;
  /** Runs that may wait to be worked on, of all tenants. */
  readonly maxQueued: number;
  /** What the tenant may have and spend; the same for all of its runs. */
  readonly quota: TenantQuota;
}

/** What is stored for a run that was to be created. */
export interface StoredRun {
  /** Its identifier, or that of the run which an earlier request with the same id has created. */
  readonly id: string;
  /** Whether it is new. */
  readonly created: boolean;
}

/** What a tenant may have and spend; what is left out does not bind. */
export interface TenantQuota {
  /** USD a day (UTC) of all its runs together. */
  readonly usdPerDay?: number | undefined;
  /** Prompt and completion tokens a day. */
  readonly tokensPerDay?: number | undefined;
  /** Requests to models a day. */
  readonly modelCallsPerDay?: number | undefined;
  /** Seconds in the sandbox a day. */
  readonly sandboxSecondsPerDay?: number | undefined;
  /** Runs that have not ended. */
  readonly runsAtOnce?: number | undefined;
}

/** Ownership of a run: only its holder may append. */
export interface RunClaim {
  readonly runId: string;
  readonly tenant: string;
  /** Fencing epoch; grows with every claim. */
  readonly epoch: bigint;
  /** Sequence number of the last event that is in the journal. */
  readonly lastSequence: bigint;
  /** Whether the run was asked to stop. */
  readonly cancelRequested: boolean;
  /** The run's first event. */
  readonly first: RunEvent;
}

/** How far a run's journal has come. */
export interface RunTail {
  readonly runId: string;
  readonly tenant: string;
  /** Sequence number of the last event. */
  readonly lastSequence: bigint;
  /** Whether that is the run's end. */
  readonly finished: boolean;
}

/** Events to append to one run, all or none. */
export interface RunAppend {
  readonly runId: string;
  readonly epoch: bigint;
  /** Sequence number that the journal's last event must have. */
  readonly expectedSequence: bigint;
  /** The next events, in order and without gaps. */
  readonly events: readonly RunEvent[];
  /** The state after these events: what the fold of all events gives. */
  readonly run: Run;
}

/** Which runs to list. */
export interface RunListQuery {
  readonly tenant: string;
  /** Only runs in this state. */
  readonly state?: RunState;
  /** Only runs that ended like this. */
  readonly status?: RunStatus;
  /** Only runs with this policy. */
  readonly policy?: string;
  /** Only runs of the task with this identifier. */
  readonly taskId?: string;
  /** Only runs created at or after this time. */
  readonly createdAfter?: Date;
  /** Only runs created before this time. */
  readonly createdBefore?: Date;
  /** Only runs with a smaller identifier. */
  readonly before?: string;
  readonly limit: number;
}

/** Which finished runs to delete. */
export interface PruneQuery {
  readonly tenant: string;
  /** Only runs that ended before this time. */
  readonly endedBefore: Date;
  /** Only runs that ended like this. */
  readonly status?: RunStatus;
  /** Whether they are counted and not deleted. */
  readonly dryRun: boolean;
}

/** What was deleted, or would be. */
export interface Pruned {
  readonly runs: number;
  readonly events: number;
  /** Payloads that no run uses any more. */
  readonly blobs: number;
}

/** A run that this process is to work on. */
export interface RunJob {
  readonly runId: string;
  /** Tells this taking of the job from earlier and later ones. */
  readonly attempt: number;
}

/**
 * The jobs of the unfinished runs: each is taken by one process at a time, and
 * by another one when its process has not been heard of for ten seconds.
 *
 * Methods throw FlowError UNAVAILABLE STORE_FAILED when the store fails.
 */
export interface RunQueue {
  /** Takes at most `limit` jobs that nobody works on, oldest first. */
  take(limit: number): Promise<RunJob[]>;
  /** Says that these are still worked on. */
  keep(jobs: readonly RunJob[]): Promise<void>;
  /** Gives a job back, so that another process takes it at once. */
  giveBack(job: RunJob): Promise<void>;
  /** Deletes the job of a run that has ended. */
  finish(runId: string): Promise<void>;
  /**
   * Gives every unfinished run a job. Where no other process shares the store,
   * all of them are free to be taken then.
   */
  recover(): Promise<void>;
}

/**
 * The append-only record of runs. State is a fold over a run's events; the
 * stored state is only that fold's last value, kept so that lists are cheap.
 *
 * Methods throw FlowError UNAVAILABLE STORE_FAILED when the store fails.
 */
export interface Journal {
  /**
   * Whether no other process can own runs of this store: then every unfinished
   * run that is found at start has lost its owner.
   */
  readonly exclusive: boolean;
  /** The jobs of its runs. */
  readonly queue: RunQueue;

  /** The API keys, which the same database keeps. */
  readonly keys: KeyStore;

  /**
   * Creates a run with its first event and its job. When the tenant used the request id
   * before, nothing is created and the earlier run's identifier is returned.
   *
   * @throws FlowError ALREADY_EXISTS REQUEST_ID_REUSED when that run came from another request;
   *   RESOURCE_EXHAUSTED TOO_MANY_RUNS when so many runs wait already, TENANT_RUNS or
   *   TENANT_BUDGET when the tenant's quota has no room
   */
  createRun(run: NewRun): Promise<StoredRun>;

  /** What is left today of what a tenant may use a day; what its quota does not bind is left out. */
  leftToday(tenant: string, quota: TenantQuota): Promise<Budget>;

  /** The run, or undefined when the tenant has none of this identifier. */
  getRun(tenant: string, runId: string): Promise<Run | undefined>;

  /** Runs, newest first; their tasks have no checks and at most 1,000 characters of the problem. */
  listRuns(query: RunListQuery): Promise<Run[]>;

  /** Takes the run over from whoever owned it; undefined when it has ended or does not exist. */
  claim(runId: string): Promise<RunClaim | undefined>;

  /**
   * Appends when epoch and sequence are as expected. What this epoch has
   * appended last may be appended again, in case its success was not heard of.
   *
   * @throws FlowError ABORTED RUN_LOST when they are not: somebody else owns the run now
   */
  append(append: RunAppend): Promise<void>;

  /** Events with a greater sequence number, in order. */
  readEvents(runId: string, afterSequence: bigint, limit: number): Promise<RunEvent[]>;

  /** How far these runs have come, in any order; runs that do not exist are left out. */
  tails(runIds: readonly string[]): Promise<RunTail[]>;

  /** Leaves a signal for the run's owner, wherever it is. */
  requestCancel(runId: string): Promise<void>;
  /** Tells of signals as they are left, as far as the store can; the returned function ends it. */
  onCancelRequested(listener: (runId: string) => void): () => void;
  /** What became of claims: which are somebody else's now, and which runs were asked to stop. */
  inspect(
    claims: readonly Pick<RunClaim, 'runId' | 'epoch'>[],
  ): Promise<{ readonly lost: string[]; readonly cancelled: string[] }>;
  /** Identifiers of runs that have not ended, oldest first, at most `limit`. */
  unfinishedRuns(limit: number): Promise<string[]>;
  /** Deletes finished runs with their events, and payloads that no other run uses. */
  prune(query: PruneQuery): Promise<Pruned>;
  /** Waits for what is being written and closes the store. */
  close(): Promise<void>;
}
