import { describe, expect, it } from 'vitest';
import { ask } from './client-fixture.js';
import { cacheKey, createMemoryCache } from './completion-cache.js';
import type { CacheAddress } from './completion-cache.js';
import type { Completion } from './completion.js';

const address: CacheAddress = { scope: 's', baseUrl: 'http://host/v1', model: 'm', sampleIndex: 0 };

const completion = (text: string): Completion => ({
  text,
  reasoning: '',
  finishReason: 'stop',
  usage: { promptTokens: 1, completionTokens: 1, costUsd: 0, reported: true },
  model: 'm',
  endpoint: 'e',
  seed: undefined,
  sampleIndex: 0,
  cached: false,
});

describe('cacheKey', () => {
  it('is the same for the same content', () => {
    expect(cacheKey(ask(), address)).toBe(cacheKey({ ...ask(), stop: [] }, { ...address }));
    expect(cacheKey(ask(), address)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('differs in everything that decides an answer', () => {
    const keys = [
      cacheKey(ask(), address),
      ...[
        { messages: [{ role: 'system' as const, content: 'Say hello.' }] },
        { messages: [...ask().messages, ...ask().messages] },
        { maxTokens: 51 },
        { temperature: 0 },
        { topP: 1 },
        { seed: 0 },
        { stop: ['x'] },
        { grammar: 'root ::= "a"' },
        { jsonSchema: { name: 'n', schema: {} } },
      ].map((change) => cacheKey(ask(change), address)),
      ...[{ scope: 't' }, { baseUrl: 'http://other/v1' }, { model: 'n' }, { sampleIndex: 1 }].map((change) =>
        cacheKey(ask(), { ...address, ...change }),
      ),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('createMemoryCache', () => {
  it('forgets what was used longest ago when there are too many', async () => {
    const cache = createMemoryCache({ maxEntries: 2 });
    await cache.set('a', completion('A'));
    await cache.set('b', completion('B'));
    await cache.get('a');
    await cache.set('c', completion('C'));
    const found = await Promise.all(['a', 'b', 'c'].map((key) => cache.get(key)));
    expect(found.map((entry) => entry?.text)).toEqual(['A', undefined, 'C']);
  });

  it('forgets when they are too large together, replaced ones not counted', async () => {
    const cache = createMemoryCache({ maxCharacters: 10 });
    for (const text of ['aaaaaa', 'aaaaaaa', 'aaaaa']) await cache.set('a', completion(text));
    await cache.set('b', completion('bbbbb'));
    expect((await cache.get('a'))?.text).toBe('aaaaa');
    await cache.set('c', completion('c'));
    expect(await cache.get('b')).toBeUndefined();
    await cache.set('d', completion('d'.repeat(11)));
    expect(await cache.get('d')).toBeUndefined();
  });
});
