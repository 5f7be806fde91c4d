import { createFakeClock } from '@flowreasoner/testing';
import { describe, expect, it } from 'vitest';
import { useGatewayHarness } from '../testing/gateway-harness.js';
import { KeyVerifier } from './key-verifier.js';

const harness = useGatewayHarness();

function verifier() {
  const { fake } = harness;
  const clock = createFakeClock();
  const keys = new KeyVerifier({ keys: fake.keys, clock, cacheMs: 10_000 });
  const before = fake.counts.verified;
  return {
    clock,
    verify: (key: string) => keys.verify(`Bearer ${key}`),
    asked: () => fake.counts.verified - before,
  };
}

describe('the verification of a key', () => {
  it('is asked for once, however many wait for it, and again when the answer is old', async () => {
    const { clock, verify, asked } = verifier();
    const callers = await Promise.all(Array.from({ length: 20 }, () => verify('good-key')));
    expect(new Set(callers.map(({ tenant }) => tenant))).toEqual(new Set(['acme']));
    expect(asked()).toBe(1);
    await clock.advance(9_999);
    await verify('good-key');
    expect(asked()).toBe(1);
    await clock.advance(1);
    await verify('good-key');
    expect(asked()).toBe(2);
  });

  it('is believed no longer than the key is valid', async () => {
    const { clock, verify, asked } = verifier();
    harness.fake.tenants.set('brief-key', 'acme');
    harness.fake.expiries.set('brief-key', new Date(clock.now() + 1_000));
    await verify('brief-key');
    harness.fake.tenants.delete('brief-key');
    await clock.advance(999);
    await verify('brief-key');
    await clock.advance(1);
    await expect(verify('brief-key')).rejects.toMatchObject({ reason: 'KEY_UNKNOWN' });
    expect(asked()).toBe(2);
  });

  it('of an unknown key is remembered too, so that nobody is asked again and again', async () => {
    const { verify, asked } = verifier();
    for (let times = 0; times < 3; times++) {
      await expect(verify('bad-key')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }
    expect(asked()).toBe(1);
  });
});
