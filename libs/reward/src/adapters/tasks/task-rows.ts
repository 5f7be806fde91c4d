import { AnswerChecks } from '@flowreasoner/contracts/evaluate';
import { Suite } from '@flowreasoner/contracts/sandbox';
import type { Insertable, Selectable } from 'kysely';
import type { HiddenTests, RewardTask } from '../../tasks/task.js';

/** One task. */
export interface RewardTasksTable {
  handle: string;
  tenant: string;
  request_id: string | null;
  body_digest: string;
  kind: HiddenTests['kind'];
  /** Encoded Suite or AnswerChecks. */
  tests: Uint8Array;
  tests_digest: string;
  /** Integrity as a number. */
  integrity: number;
  /** One byte a case: 1 where it equals a visible check. */
  visible_cases: Uint8Array;
  bytes: number;
  /** When it was put or, within a minute, last read. */
  used_at: Date;
}

/** The reward service's tables. */
export interface RewardSchema {
  reward_tasks: RewardTasksTable;
}

/** A task as it is stored. */
export function toRow(task: RewardTask, usedAt: Date): Insertable<RewardTasksTable> {
  const { tests } = task;
  return {
    handle: task.handle,
    tenant: task.tenant,
    request_id: task.requestId === '' ? null : task.requestId,
    body_digest: task.bodyDigest,
    kind: tests.kind,
    tests:
      tests.kind === 'suite'
        ? Suite.encode(tests.suite).finish()
        : AnswerChecks.encode(tests.checks).finish(),
    tests_digest: task.testsDigest,
    integrity: task.integrity,
    visible_cases: Uint8Array.from(task.visibleCases, Number),
    bytes: task.bytes,
    used_at: usedAt,
  };
}

/** A stored task as it is used. */
export function toTask(row: Selectable<RewardTasksTable>): RewardTask {
  const tests: HiddenTests =
    row.kind === 'suite'
      ? { kind: 'suite', suite: Suite.decode(row.tests) }
      : { kind: 'answer', checks: AnswerChecks.decode(row.tests) };
  return {
    handle: row.handle,
    tenant: row.tenant,
    requestId: row.request_id ?? '',
    bodyDigest: row.body_digest,
    tests,
    testsDigest: row.tests_digest,
    integrity: row.integrity,
    visibleCases: Array.from(row.visible_cases, (byte) => byte === 1),
    bytes: row.bytes,
  };
}
