import { RunState } from '@flowreasoner/contracts/metaagent';
import type { Budget, Usage } from '@flowreasoner/contracts/workflow';
import { FlowError } from '@flowreasoner/rpc';
import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { RunAppend, TenantQuota } from '../../ports.js';
import { inLockOrder } from './lock-order.js';
import type { JournalSchema, TenantDaysTable } from './schema.js';

// The database's clock decides, the same for all replicas.
const today = sql<string>`to_char(now() at time zone 'utc', 'YYYY-MM-DD')`;

/** What a quota limits a day: its names here, in budgets and in the tables, and how an amount is told. */
interface DailyAmount {
  readonly column: 'usd' | 'tokens' | 'model_calls' | 'sandbox_ms';
  readonly ofQuota: (quota: TenantQuota) => number | undefined;
  readonly ofBudget: (budget: Budget) => number | undefined;
  /** What a finished run has used; null where that is not known. */
  readonly ofUsage: (usage: Usage) => number | null;
  readonly show: (amount: number) => string;
}

const AMOUNTS: readonly DailyAmount[] = [
  {
    column: 'usd',
    ofQuota: ({ usdPerDay }) => usdPerDay,
    ofBudget: ({ costUsd }) => costUsd,
    // An unknown price may have been anything up to the reservation.
    ofUsage: ({ costUsd }) => costUsd ?? null,
    show: (usd) => `$${Number(usd.toPrecision(6))}`,
  },
  {
    column: 'tokens',
    ofQuota: ({ tokensPerDay }) => tokensPerDay,
    ofBudget: ({ tokens }) => tokens,
    ofUsage: ({ promptTokens, completionTokens }) => promptTokens + completionTokens,
    show: (tokens) => `${tokens} tokens`,
  },
  {
    column: 'model_calls',
    ofQuota: ({ modelCallsPerDay }) => modelCallsPerDay,
    ofBudget: ({ modelCalls }) => modelCalls,
    ofUsage: ({ modelCalls }) => modelCalls,
    show: (calls) => `${calls} model calls`,
  },
  {
    column: 'sandbox_ms',
    ofQuota: ({ sandboxSecondsPerDay: seconds }) => (seconds === undefined ? undefined : 1000 * seconds),
    ofBudget: ({ sandboxMs }) => sandboxMs,
    ofUsage: ({ sandboxMs }) => sandboxMs,
    show: (ms) => `${ms / 1000} seconds in the sandbox`,
  },
];

/** Fields of a budget have 32 bits. */
const MOST = 2 ** 32 - 1;

type DayUse = Pick<Selectable<TenantDaysTable>, `${'reserved' | 'spent'}_${DailyAmount['column']}`>;

const useColumns = AMOUNTS.flatMap(({ column }) => [`reserved_${column}`, `spent_${column}`] as const);

function usedToday(day: DayUse | undefined, { column }: DailyAmount): number {
  return day === undefined ? 0 : day[`reserved_${column}`] + day[`spent_${column}`];
}

/** What is left today of what a tenant may use a day. */
export async function leftToday(
  db: Kysely<JournalSchema>,
  tenant: string,
  quota: TenantQuota,
): Promise<Budget> {
  const day = await db
    .selectFrom('tenant_days')
    .select(useColumns)
    .where('tenant', '=', tenant)
    .where('day', '=', today)
    .executeTakeFirst();
  const [costUsd, tokens, modelCalls, sandboxMs] = AMOUNTS.map((amount) => {
    const limit = amount.ofQuota(quota);
    return limit === undefined ? undefined : Math.min(MOST, Math.max(0, limit - usedToday(day, amount)));
  });
  return { costUsd, tokens, modelCalls, sandboxMs };
}

/**
 * Takes places and budgets of a tenant's new runs from its quota, in the transaction
 * that creates them: for all of them or for none. Tenants' rows are locked: no two
 * replicas give the same place, dollar or token away.
 *
 * @throws FlowError RESOURCE_EXHAUSTED TENANT_RUNS or TENANT_BUDGET when there is no room
 */
export async function reserve(
  transaction: Transaction<JournalSchema>,
  tenant: string,
  runs: readonly { readonly id: string; readonly budget: Budget | undefined }[],
  quota: TenantQuota,
): Promise<void> {
  const wanted = AMOUNTS.flatMap((amount) => {
    const limit = amount.ofQuota(quota);
    if (limit === undefined) return [];
    const each = runs.map(({ budget }) => (budget && amount.ofBudget(budget)) ?? limit);
    return { amount, limit, each, asked: each.reduce((sum, asked) => sum + asked, 0) };
  });
  if (wanted.length === 0 && quota.runsAtOnce === undefined) return;
  const reserved = Object.fromEntries(
    wanted.map(({ amount, asked }) => [`reserved_${amount.column}` as const, asked]),
  );
  const day = await transaction
    .insertInto('tenant_days')
    .values({ tenant, day: today, ...reserved })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'day']).doUpdateSet(({ ref }) =>
        // Without an amount the row is still written, and locked by that.
        wanted.length === 0
          ? { reserved_usd: ref('tenant_days.reserved_usd') }
          : Object.fromEntries(
              wanted.map(({ amount: { column } }) => [
                `reserved_${column}`,
                sql`tenant_days.${sql.ref(`reserved_${column}`)} + excluded.${sql.ref(`reserved_${column}`)}`,
              ]),
            ),
      ),
    )
    .returning(['day', ...useColumns])
    .executeTakeFirstOrThrow();
  if (quota.runsAtOnce !== undefined) await refuseRuns(transaction, tenant, quota.runsAtOnce);
  for (const { amount, limit, each, asked } of wanted) {
    const used = usedToday(day, amount);
    // Sums of binary fractions of a dollar may be off by this much.
    if (Math.min(...each) > 0 && used <= limit + 1e-9) continue;
    throw overQuota(tenant, amount, { limit, left: Math.max(0, limit - used + asked), asked });
  }
  if (wanted.length === 0) return;
  const columns = wanted.map(({ amount }) => sql.ref(`reserved_${amount.column}`));
  const amounts = wanted.map(({ each }) => sql`${each}::double precision[]`);
  await sql`
    update runs set reserved_day = ${day.day},
      ${sql.join(columns.map((column) => sql`${column} = v.${column}`))}
    from unnest(${runs.map(({ id }) => id)}::text[], ${sql.join(amounts)}) as v(id, ${sql.join(columns)})
    where runs.id = v.id`.execute(transaction);
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

function overQuota(
  tenant: string,
  { show }: DailyAmount,
  { limit, left, asked }: { readonly limit: number; readonly left: number; readonly asked: number },
): FlowError {
  return new FlowError(
    'RESOURCE_EXHAUSTED',
    'TENANT_BUDGET',
    `Tenant ${tenant} may use ${show(limit)} a day: ${show(left)} left, and the run may take ${show(asked)}.`,
    {
      hint: 'Give the run a smaller budget, or wait until tomorrow (UTC).',
      metadata: { limit: String(limit), left: String(left) },
    },
  );
}

/**
 * Puts what finished runs have used in place of what they had reserved.
 *
 * @param tenants by run; other runs are left out
 */
export async function settle(
  transaction: Transaction<JournalSchema>,
  finished: readonly RunAppend[],
  tenants: ReadonlyMap<string, string>,
): Promise<void> {
  const known = finished.filter(({ runId }) => tenants.has(runId));
  // Runs' identifiers sort by time: a tenant's older days come first, and the day of new runs last.
  for (const { runId, run } of inLockOrder(known, (each) => `${tenants.get(each.runId)}\n${each.runId}`)) {
    const { usage } = run;
    const set = AMOUNTS.map(({ column, ofUsage }) => {
      const [kept, spent] = [sql.ref(`reserved_${column}`), sql.ref(`spent_${column}`)];
      const used = usage === undefined ? null : ofUsage(usage);
      return sql`${kept} = greatest(0, tenant_days.${kept} - coalesce(runs.${kept}, 0)),
        ${spent} = tenant_days.${spent} + case when runs.${kept} is null then 0
          else coalesce(${used}::double precision, runs.${kept}) end`;
    });
    await sql`
      update tenant_days set ${sql.join(set)}
      from runs where runs.id = ${runId} and runs.reserved_day = tenant_days.day
        and runs.tenant = tenant_days.tenant`.execute(transaction);
  }
}
