import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tryEscapes } from './escape-probes.js';
import { realJail } from './testing/jail-runs.js';

describe('tryEscapes', () => {
  it('makes every attempt, and removes the secret that a killed service left', async () => {
    const stale = join(tmpdir(), 'flow-probe-4194305-stale');
    mkdirSync(stale, { recursive: true });
    const jail = await realJail();
    const { outcomes, failure } = await tryEscapes(jail, new AbortController().signal);
    await jail.close();
    expect(failure).toBe('');
    expect(new Set(outcomes.map(({ name }) => name)).size).toBeGreaterThanOrEqual(15);
    expect(outcomes.filter(({ contained }) => !contained)).toEqual([]);
    expect(existsSync(stale)).toBe(false);
  });

  it('sees an escape where there is no boundary', async () => {
    const jail = await realJail();
    // A backend that gives every program the machine's environment is not contained.
    const leaky = {
      ...{ name: 'leaky', languages: jail.languages, mechanisms: {} },
      start: (...[program, events]: Parameters<typeof jail.start>) =>
        jail.start({ ...program, env: { ...program.env, API_KEY: 'x' } }, events),
    };
    const { outcomes } = await tryEscapes(leaky, new AbortController().signal);
    await jail.close();
    expect(outcomes.filter(({ contained }) => !contained)).toMatchObject([
      { name: "read the service's environment", detail: 'API_KEY' },
    ]);
  });
});
