import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { KeySchema } from '../../keys/sql-key-store.js';

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
  /** RunStatus as a number; 0 while the run is going on. */
  status: Generated<number>;
  policy: string;
  task_id: string;
  epoch: Int8WithDefault;
  last_sequence: Int8;
  /** Encoded RunCreated; written once. */
  created: Uint8Array;
  /** Encoded Run with a short form of its task. */
  summary: Uint8Array;
  created_at: Date;
  ended_at: Date | null;
  cancel_requested: Generated<boolean>;
  /** Day of the tenant's budget that the run reserves from. */
  reserved_day: Generated<string | null>;
  reserved_usd: Generated<number | null>;
  reserved_tokens: Generated<number | null>;
  reserved_model_calls: Generated<number | null>;
  reserved_sandbox_ms: Generated<number | null>;
}

/** What a tenant has spent and reserved on a day. */
export interface TenantDaysTable {
  tenant: string;
  /** In UTC, such as `2026-11-24`. */
  day: string;
  reserved_usd: Generated<number>;
  spent_usd: Generated<number>;
  reserved_tokens: Generated<number>;
  spent_tokens: Generated<number>;
  reserved_model_calls: Generated<number>;
  spent_model_calls: Generated<number>;
  reserved_sandbox_ms: Generated<number>;
  spent_sandbox_ms: Generated<number>;
}

/** One event. */
export interface RunEventsTable {
  run_id: string;
  sequence: Int8;
  /** Name of the event's case, such as `runCreated`. */
  type: string;
  /** Encoded RunEvent, without its large payloads. */
  event: Uint8Array;
  /** Place in the event and content hash of each large payload. */
  payloads: JSONColumnType<Record<string, string>> | null;
}

/** A large payload, stored once a tenant. */
export interface BlobsTable {
  tenant: string;
  /** SHA-256 in hex. */
  hash: string;
  data: Uint8Array;
}

/** Which payloads a run uses. */
export interface RunBlobsTable {
  run_id: string;
  tenant: string;
  hash: string;
}

/** The journal's tables. */
export interface JournalSchema extends KeySchema {
  runs: RunsTable;
  run_events: RunEventsTable;
  blobs: BlobsTable;
  run_blobs: RunBlobsTable;
  tenant_days: TenantDaysTable;
}
