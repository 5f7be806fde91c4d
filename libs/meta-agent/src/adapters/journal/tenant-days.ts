import { RunState } from '@flowreasoner/contracts/metaagent';
import { FlowError } from '@flowreasoner/rpc';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { RunAppend, TenantQuota } from '../../ports.js';
import type { JournalSchema } from './schema.js';

// The database's clock decides, the same for all replicas.
const today = sql<string>`to_char(now() at time zone 'utc', 'YYYY-MM-DD')`;

/** What is left of a tenant's money today, in USD. */
export async function moneyLeft(
  db: Kysely<JournalSchema>,
  tenant: string,
  usdPerDay: number,
): Promise<number> {
  const row = await db
    .selectFrom('tenant_days')
    .select(['reserved_usd', 'spent_usd'])
    .where('tenant', '=', tenant)
    .where('day', '=', today)
    .executeTakeFirst();
  return Math.max(0, usdPerDay - (row?.reserved_usd ?? 0) - (row?.spent_usd ?? 0));
}

/**
 * Takes the run's place and money from its tenant's quota, in the transaction
 * that creates it. Tenants' rows are locked: no two replicas give the same
 * place or dollar away.
 *
 * @throws FlowError RESOURCE_EXHAUSTED TENANT_RUNS or TENANT_BUDGET when there is no room
 */
export async function reserve(
  transaction: Transaction<JournalSchema>,
  run: { readonly id: string; readonly tenant: string; readonly costUsd: number | undefined },
  quota: TenantQuota,
): Promise<void> {
  const { usdPerDay, runsAtOnce } = quota;
  if (usdPerDay === undefined && runsAtOnce === undefined) return;
  const { tenant } = run;
  const usd = usdPerDay === undefined ? 0 : (run.costUsd ?? usdPerDay);
  const day = await transaction
    .insertInto('tenant_days')
    .values({ tenant, day: today, reserved_usd: usd })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'day'])
        .doUpdateSet({ reserved_usd: sql`tenant_days.reserved_usd + excluded.reserved_usd` }),
    )
    .returning(['day', 'reserved_usd', 'spent_usd'])
    .executeTakeFirstOrThrow();
  if (runsAtOnce !== undefined) await refuseRuns(transaction, tenant, runsAtOnce);
  if (usdPerDay === undefined) return;
  // Sums of binary fractions of a dollar may be off by this much.
  if (usd <= 0 || day.reserved_usd + day.spent_usd > usdPerDay + 1e-9) {
    throw noMoney(tenant, usdPerDay, usdPerDay - day.reserved_usd - day.spent_usd + usd, usd);
  }
  await transaction
    .updateTable('runs')
    .set({ reserved_day: day.day, reserved_usd: usd })
    .where('id', '=', run.id)
    .execute();
}

async function refuseRuns(
  transaction: Transaction<JournalSchema>,
  tenant: string,
  limit: number,
): Promise<void> {
  const running = await transaction
    .selectFrom('runs')
    .select('id')
    .where('tenant', '=', tenant)
    .where('state', '<', RunState.RUN_STATE_FINISHED)
    .limit(limit + 1)
    .execute();
  if (running.length <= limit) return;
  throw new FlowError(
    'RESOURCE_EXHAUSTED',
    'TENANT_RUNS',
    `Tenant ${tenant} has ${limit} unfinished runs, and may not have more at once.`,
    {
      retryAfterMs: 5_000,
      metadata: { limit: String(limit) },
      hint: 'Wait until one has ended, or cancel one.',
    },
  );
}

/** The error of a tenant that has not enough money left today. */
export function noMoney(tenant: string, limit: number, left: number, asked: number): FlowError {
  const show = (usd: number): string => `$${Number(Math.max(0, usd).toPrecision(6))}`;
  return new FlowError(
    'RESOURCE_EXHAUSTED',
    'TENANT_BUDGET',
    `Tenant ${tenant} may spend ${show(limit)} a day: ${show(left)} is left, and the run may take ${show(asked)}.`,
    {
      hint: 'Give the run a smaller money budget, or wait until tomorrow (UTC).',
      metadata: { limit: String(limit), left: String(Math.max(0, left)) },
    },
  );
}

/** Puts what finished runs have spent in place of what they had reserved. */
export async function settle(
  transaction: Transaction<JournalSchema>,
  finished: readonly RunAppend[],
): Promise<void> {
  for (const { runId, run } of finished) {
    // An unknown price may have been anything up to the reservation.
    const spent = run.usage?.costUsd ?? null;
    await sql`
      update tenant_days set reserved_usd = greatest(0, tenant_days.reserved_usd - runs.reserved_usd),
        spent_usd = tenant_days.spent_usd + coalesce(${spent}::double precision, runs.reserved_usd)
      from runs where runs.id = ${runId} and runs.reserved_day = tenant_days.day
        and runs.tenant = tenant_days.tenant`.execute(transaction);
  }
}
