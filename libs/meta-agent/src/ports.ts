import type { RunCreated, RunEvent, RunState, Run } from '@flowreasoner/contracts/metaagent';

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
}

/** Ownership of a run: only its holder may append. */
export interface RunClaim {
  readonly runId: string;
  /** Fencing epoch; grows with every claim. */
  readonly epoch: bigint;
  /** Sequence number of the last event that is in the journal. */
  readonly lastSequence: bigint;
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
  /** Only runs with a smaller identifier. */
  readonly before?: string;
  readonly limit: number;
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

  /**
   * Creates a run with its first event. When the tenant used the request id
   * before, nothing is created and the earlier run's identifier is returned.
   *
   * @throws FlowError ALREADY_EXISTS REQUEST_ID_REUSED when that run came from another request
   */
  createRun(run: NewRun): Promise<{ readonly id: string; readonly created: boolean }>;

  /** The run, or undefined when the tenant has none of this identifier. */
  getRun(tenant: string, runId: string): Promise<Run | undefined>;

  /** Runs, newest first; their tasks have no checks and at most 1,000 characters of the problem. */
  listRuns(query: RunListQuery): Promise<Run[]>;

  /** Takes the run over from whoever owned it; undefined when it has ended or does not exist. */
  claim(runId: string): Promise<RunClaim | undefined>;

  /**
   * Appends when epoch and sequence are as expected.
   *
   * @throws FlowError ABORTED RUN_LOST when they are not: somebody else owns the run now
   */
  append(append: RunAppend): Promise<void>;

  /** Events with a greater sequence number, in order. */
  readEvents(runId: string, afterSequence: bigint, limit: number): Promise<RunEvent[]>;

  /** Leaves a signal for the run's owner, wherever it is. */
  requestCancel(runId: string): Promise<void>;

  /**
   * Says that the runs' owner is alive and learns what was asked of it.
   *
   * @returns those of the runs that are to be cancelled
   */
  heartbeat(runIds: readonly string[]): Promise<string[]>;

  /** Unfinished runs whose owner has not been heard of for `silentMs`. */
  findOrphans(silentMs: number, limit: number): Promise<{ readonly tenant: string; readonly id: string }[]>;

  /** Waits for what is being written and closes the store. */
  close(): Promise<void>;
}
