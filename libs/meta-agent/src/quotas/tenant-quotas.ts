import { readFileSync } from 'node:fs';
import { ConfigError } from '@flowreasoner/config';
import type { TenantQuota } from '@flowreasoner/meta-agent';
import { z } from 'zod';

const quotaSchema = z.strictObject({
  usdPerDay: z.number().min(0).optional(),
  runsAtOnce: z.int().min(0).optional(),
});

const fileSchema = z.record(z.string().min(1), quotaSchema);

/** What tenants may have and spend, as the configuration says. */
export interface QuotaConfig {
  readonly tenantUsdPerDay?: number | undefined;
  readonly tenantRunsAtOnce?: number | undefined;
  /** JSON file `{TENANT: {"usdPerDay": 5, "runsAtOnce": 10}}`. */
  readonly tenantQuotasFile?: string | undefined;
}

/**
 * The quota of each tenant: its own entry of the file, else the one for all.
 *
 * @throws ConfigError when the file can't be read or is not of that form
 */
export function tenantQuotas(config: QuotaConfig): (tenant: string) => TenantQuota {
  const { tenantUsdPerDay: usdPerDay, tenantRunsAtOnce: runsAtOnce, tenantQuotasFile: file } = config;
  const own = file === undefined ? new Map<string, TenantQuota>() : readQuotas(file);
  return (tenant) => own.get(tenant) ?? { usdPerDay, runsAtOnce };
}

function readQuotas(file: string): ReadonlyMap<string, TenantQuota> {
  const wrong = (message: string): ConfigError =>
    new ConfigError([{ variable: 'FLOW_META_AGENT_TENANT_QUOTAS_FILE', message: `${file}: ${message}` }]);
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
