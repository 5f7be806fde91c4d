import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@flowreasoner/config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tenantQuotas } from './tenant-quotas.js';

const prefix = 'FLOW_TEST';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flow-quotas-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'quotas.json');
  writeFileSync(path, text);
  return path;
}

describe('the quotas of tenants', () => {
  it('limit nothing unless they are configured', () => {
    expect(Object.values(tenantQuotas({}, prefix)('any')).every((limit) => limit === undefined)).toBe(true);
  });

  it("are the tenant's own, else those for all", () => {
    const tenantQuotasFile = file('{"acme": {"usdPerDay": 5}}');
    const quotaOf = tenantQuotas({ tenantUsdPerDay: 1, tenantRunsAtOnce: 2, tenantQuotasFile }, prefix);
    expect(quotaOf('acme')).toEqual({ usdPerDay: 5 });
    expect(quotaOf('other')).toMatchObject({ usdPerDay: 1, runsAtOnce: 2 });
    expect(quotaOf('constructor')).toMatchObject({ usdPerDay: 1, runsAtOnce: 2 });
  });

  it.each([
    '{"acme": {"usdPerDay": -1}}',
    '{"acme": {"tokensPerDay": 0.5}}',
    '{"acme": {"usd": 1}}',
    '[]',
    'junk',
  ])('refuse the file %s and name it', (text) => {
    const tenantQuotasFile = file(text);
    expect(() => tenantQuotas({ tenantQuotasFile }, prefix)).toThrow(ConfigError);
    expect(() => tenantQuotas({ tenantQuotasFile }, prefix)).toThrow(
      `FLOW_TEST_TENANT_QUOTAS_FILE: ${tenantQuotasFile}`,
    );
  });
});
