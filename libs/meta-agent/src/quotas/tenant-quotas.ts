import { readFileSync } from 'node:fs';
import { ConfigError } from '@flowreasoner/config';
import { z } from 'zod';
import type { TenantQuota } from '../ports.js';

const amount = z.int().min(0).optional();

const quotaSchema = z.strictObject({
  usdPerDay: z.number().min(0).optional(),
  tokensPerDay: amount,
  modelCallsPerDay: amount,
  sandboxSecondsPerDay: amount,
  runsAtOnce: amount,
});

const fileSchema = z.record(z.string().min(1), quotaSchema);

/** The part of a service's configuration that says what tenants may have and spend. */
export function quotaSettings() {
  return {
    tenantUsdPerDay: z.number().min(0).optional().describe('dollars that a tenant may spend a day (UTC)'),
    tenantTokensPerDay: amount.describe('tokens that a tenant may use a day (UTC)'),
    tenantModelCallsPerDay: amount.describe('requests to models that a tenant may use a day (UTC)'),
    tenantSandboxSecondsPerDay: amount.describe('seconds in the sandbox that a tenant may use a day (UTC)'),
    tenantRunsAtOnce: z
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe('unfinished runs that a tenant may have'),
    tenantQuotasFile: z
      .string()
      .min(1)
      .optional()
      .describe('JSON file of what single tenants may: {TENANT: {"usdPerDay": 5, "runsAtOnce": 10}}'),
  };
}

/** What tenants may have and spend, as the configuration says. */
export interface QuotaConfig {
  readonly tenantUsdPerDay?: number | undefined;
  readonly tenantTokensPerDay?: number | undefined;
  readonly tenantModelCallsPerDay?: number | undefined;
  readonly tenantSandboxSecondsPerDay?: number | undefined;
  readonly tenantRunsAtOnce?: number | undefined;
  /** JSON file `{TENANT: {"usdPerDay": 5, "runsAtOnce": 10}}`. */
  readonly tenantQuotasFile?: string | undefined;
}

/**
 * The quota of each tenant: its own entry of the file, else the one for all.
 *
 * @param prefix what the configuration's variables begin with
 * @throws ConfigError when the file can't be read or is not of that form
 */
export function tenantQuotas(config: QuotaConfig, prefix: string): (tenant: string) => TenantQuota {
  const file = config.tenantQuotasFile;
  const own = file === undefined ? new Map<string, TenantQuota>() : readQuotas(file, prefix);
  const forAll: TenantQuota = {
    usdPerDay: config.tenantUsdPerDay,
    tokensPerDay: config.tenantTokensPerDay,
    modelCallsPerDay: config.tenantModelCallsPerDay,
    sandboxSecondsPerDay: config.tenantSandboxSecondsPerDay,
    runsAtOnce: config.tenantRunsAtOnce,
  };
  return (tenant) => own.get(tenant) ?? forAll;
}

function readQuotas(file: string, prefix: string): ReadonlyMap<string, TenantQuota> {
  const wrong = (message: string): ConfigError =>
    new ConfigError([{ variable: `${prefix}_TENANT_QUOTAS_FILE`, message: `${file}: ${message}` }]);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) return new Map(Object.entries(parsed.data));
  const [issue] = parsed.error.issues;
  throw wrong(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not of the form'}`);
}
