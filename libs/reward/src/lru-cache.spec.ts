import { describe, expect, it } from 'vitest';
import { LruCache } from './lru-cache.js';

describe('LruCache', () => {
  it('forgets what was used longest ago', () => {
    const cache = new LruCache<number>({ entries: 2 });
    cache.set('a', 1);
    cache.set('b', 2);
    expect(cache.get('a')).toBe(1);
    cache.set('c', 3);
    expect(cache.get('b')).toBeUndefined();
    expect(cache.get('a')).toBe(1);
    expect(cache.size).toBe(2);
  });

  it('keeps the sum of weights within its bound and tells what it drops', () => {
    const dropped: string[] = [];
    const evicted = (key: string): number => dropped.push(key);
    const cache = new LruCache<string>({ entries: 10, weight: 5, weigh: (text) => text.length, evicted });
    cache.set('a', 'xx');
    cache.set('b', 'xx');
    cache.set('a', 'x');
    cache.set('c', 'xxx');
    expect(dropped).toEqual(['b']);
    expect(cache.get('a')).toBe('x');
    cache.set('d', 'xxxxxx');
    expect(cache.size).toBe(0);
  });
});
