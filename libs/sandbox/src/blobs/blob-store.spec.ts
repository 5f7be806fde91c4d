import { describe, expect, it } from 'vitest';
import { BlobStore } from './blob-store.js';

const LIMITS = { blobBytes: 10, tenantBytes: 20, totalBytes: 30, ttlMs: 1000 };

function storeAt(clock: { ms: number }): BlobStore {
  return new BlobStore({ now: () => clock.ms }, LIMITS);
}

describe('BlobStore', () => {
  it('gives bytes back by their hash, to their tenant alone', () => {
    const store = storeAt({ ms: 0 });
    const sha256 = store.put('a', Buffer.from('abc'));
    expect(sha256).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(store.of('a').get(sha256)).toEqual(Buffer.from('abc'));
    expect(store.of('b').get(sha256)).toBeUndefined();
    expect(store.of('a').get(`${sha256} `)).toBeUndefined();
    store.put('b', Buffer.from('abc'));
    expect(store.of('b').get(sha256)).toEqual(Buffer.from('abc'));
  });

  it('keeps its own copy', () => {
    const store = storeAt({ ms: 0 });
    const data = Buffer.from('abc');
    const sha256 = store.put('a', data);
    data.fill(0);
    expect(store.of('a').get(sha256)?.toString()).toBe('abc');
  });

  it('drops what was not used for its time', () => {
    const clock = { ms: 0 };
    const store = storeAt(clock);
    const used = store.put('a', Buffer.from('used'));
    const idle = store.put('a', Buffer.from('idle'));
    clock.ms = 999;
    expect(store.of('a').get(used)).toBeDefined();
    clock.ms = 1000;
    expect(store.of('a').get(idle)).toBeUndefined();
    expect(store.of('a').get(used)).toBeDefined();
    clock.ms = 2000;
    expect(store.of('a').get(used)).toBeUndefined();
  });

  it('names each limit that is passed, and when there may be room again', () => {
    const clock = { ms: 0 };
    const store = storeAt(clock);
    const ten = (fill: number): Buffer => Buffer.alloc(10, fill);
    expect(() => store.put('a', Buffer.alloc(11))).toThrow('data has 11 bytes; the limit is 10');
    store.put('a', ten(1));
    clock.ms = 400;
    store.put('a', ten(2));
    store.put('a', ten(2));
    expect(() => store.put('a', Buffer.alloc(1))).toThrow('your blobs would have 21 bytes; the limit is 20');
    store.put('b', ten(1));
    const refused = (): string => store.put('b', Buffer.alloc(1));
    expect(refused).toThrow('all blobs would have 31 bytes; the limit is 30');
    expect(refused).toThrow(
      expect.objectContaining({
        reason: 'BLOBS_FULL',
        options: expect.objectContaining({ retryAfterMs: 600 }),
      }),
    );
    clock.ms = 1000;
    expect(refused).not.toThrow();
  });
});
