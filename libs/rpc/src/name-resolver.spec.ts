import type { experimental } from '@grpc/grpc-js';
import { createFakeClock } from '@flowreasoner/testing';
import { describe, expect, it } from 'vitest';
import { createNameResolver } from './name-resolver.js';

const minute = 60_000;

/** Resolves `runner:50052`, whose addresses a test sets, and lists what was told. */
function resolve(first: readonly string[]) {
  const clock = createFakeClock();
  const name = { addresses: first, looks: 0 };
  const told: string[] = [];
  const Resolver = createNameResolver({
    after: clock.after,
    lookup: () => {
      name.looks++;
      return name.addresses.length > 0
        ? Promise.resolve(name.addresses)
        : Promise.reject(new Error('ENOTFOUND'));
    },
  });
  const listener: experimental.ResolverListener = (found) => {
    told.push(
      found.ok
        ? found.value.map(({ addresses: [each] }) => JSON.stringify(each)).join(' ')
        : found.error.details,
    );
    return true;
  };
  const target = { scheme: 'flow-dns', authority: '', path: 'runner:50052' };
  const resolver = new Resolver(target, listener, {});
  return { clock, name, told, resolver };
}

const at = (...hosts: string[]): string =>
  hosts.map((host) => JSON.stringify({ host, port: 50052 })).join(' ');

describe('the resolver of names', () => {
  it('tells of replicas that come and go, without being asked again', async () => {
    const { clock, name, told, resolver } = resolve(['10.0.0.1']);
    resolver.updateResolution();
    await clock.advance(0);
    expect(told).toEqual([at('10.0.0.1')]);
    await clock.advance(minute);
    name.addresses = ['10.0.0.2', '10.0.0.1'];
    await clock.advance(minute);
    name.addresses = ['10.0.0.2'];
    await clock.advance(minute);
    expect(told).toEqual([at('10.0.0.1'), at('10.0.0.2', '10.0.0.1'), at('10.0.0.2')]);
  });

  it('holds on to what it knows when a look fails, and says why there is nothing at all', async () => {
    const { clock, name, told, resolver } = resolve([]);
    resolver.updateResolution();
    await clock.advance(0);
    expect(told).toEqual(["the name runner can't be resolved: ENOTFOUND"]);
    name.addresses = ['10.0.0.1'];
    await clock.advance(minute);
    name.addresses = [];
    await clock.advance(minute);
    expect(told.slice(1)).toEqual([at('10.0.0.1')]);
  });

  it('looks once a second at most, however often it is asked, and no more once it is closed', async () => {
    const { clock, name, resolver } = resolve(['10.0.0.1']);
    for (let asked = 0; asked < 100; asked++) {
      resolver.updateResolution();
      await clock.advance(100);
    }
    expect(name.looks).toBeLessThanOrEqual(10);
    expect(name.looks).toBeGreaterThanOrEqual(9);
    resolver.destroy();
    const { looks } = name;
    await clock.advance(10 * minute);
    expect(name.looks).toBe(looks);
  });
});
