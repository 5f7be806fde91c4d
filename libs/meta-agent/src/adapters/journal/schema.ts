import type { ColumnType, Generated } from 'kysely';

/** What adapters return for a 64-bit integer. */
type Int8Read = string | number | bigint;
type Int8 = ColumnType<Int8Read, bigint, bigint>;
type Int8WithDefault = ColumnType<Int8Read, bigint | undefined, bigint>;

/** One run: who may append, where it stands, and the fold's last value. */
export interface RunsTable {
  id: string;
  tenant: string;
  request_id: string | null;
  request_hash: Uint8Array;
  /** RunState as a number. */
  state: number;
  epoch: Int8WithDefault;
  last_sequence: Int8;
  /** Encoded RunCreated; written once. */
  created: Uint8Array;
  /** Encoded Run with a short form of its task. */
  summary: Uint8Array;
  created_at: Date;
  /** When the owner was last heard of, by the database's clock. */
  heartbeat_at: Date;
  cancel_requested: Generated<boolean>;
}

/** One event. */
export interface RunEventsTable {
  run_id: string;
  sequence: Int8;
  /** Name of the event's case, such as `runCreated`. */
  type: string;
  /** Encoded RunEvent. */
  event: Uint8Array;
}

/** The journal's tables. */
export interface JournalSchema {
  runs: RunsTable;
  run_events: RunEventsTable;
}
