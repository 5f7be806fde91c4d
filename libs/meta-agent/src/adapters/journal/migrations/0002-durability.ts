import { Run } from '@flowreasoner/contracts/metaagent';
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

interface SummarizedRuns {
  runs: {
    id: string;
    summary: Uint8Array;
    policy: string;
    task_id: string;
    status: number;
    ended_at: Date | null;
  };
}

/** What lists filter by, payloads by content hash, and no heartbeats: jobs have them. */
export const durability: Migration = {
  async up(db: Kysely<SummarizedRuns>): Promise<void> {
    await db.schema
      .alterTable('runs')
      .addColumn('policy', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('task_id', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('status', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('ended_at', 'timestamptz')
      .dropColumn('heartbeat_at')
      .execute();
    for (const { id, summary } of await db.selectFrom('runs').select(['id', 'summary']).execute()) {
      const run = Run.decode(summary);
      const known = {
        policy: run.options?.policy ?? '',
        task_id: run.task?.id ?? '',
        status: run.result?.status ?? 0,
        ended_at: run.endTime ?? null,
      };
      await db.updateTable('runs').set(known).where('id', '=', id).execute();
    }
    await db.schema
      .createIndex('runs_by_end')
      .on('runs')
      .columns(['tenant', 'ended_at'])
      .where(sql.ref('ended_at'), 'is not', null)
      .execute();
    await db.schema.alterTable('run_events').addColumn('payloads', 'jsonb').execute();
    await db.schema
      .createTable('blobs')
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('data', 'bytea', (column) => column.notNull())
      .addPrimaryKeyConstraint('blobs_pkey', ['tenant', 'hash'])
      .execute();
    await db.schema
      .createTable('run_blobs')
      .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('run_blobs_pkey', ['run_id', 'hash'])
      .execute();
    await db.schema.createIndex('run_blobs_by_hash').on('run_blobs').columns(['tenant', 'hash']).execute();
  },
};
