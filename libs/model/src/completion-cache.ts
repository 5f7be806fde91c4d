import { createHash } from 'node:crypto';
import type { Completion, CompletionRequest } from './completion.js';
import type { CompletionCache } from './ports.js';

/** What a cached answer depends on besides its request. */
export interface CacheAddress {
  readonly scope: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly sampleIndex: number;
}

/** The content address of one sample: SHA-256, in hexadecimal, of everything that decides it. */
export function cacheKey(request: CompletionRequest, address: CacheAddress): string {
  const parts = [
    'completion/1',
    address.scope,
    address.baseUrl,
    address.model,
    address.sampleIndex,
    request.messages.map(({ role, content }) => [role, content]),
    request.maxTokens,
    request.temperature ?? null,
    request.topP ?? null,
    request.seed ?? null,
    request.stop ?? [],
    request.grammar ?? null,
    request.jsonSchema ?? null,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** How much a {@link createMemoryCache} keeps; what was used longest ago goes first. */
export interface MemoryCacheOptions {
  /** Default 10 000. */
  readonly maxEntries?: number;
  /** Of the answers' texts, in UTF-16 units. Default 64 Mi. */
  readonly maxCharacters?: number;
}

/** A cache in this process's memory. */
export function createMemoryCache(options: MemoryCacheOptions = {}): CompletionCache {
  const { maxEntries = 10_000, maxCharacters = 64 * 1024 * 1024 } = options;
  // A Map keeps the order of insertion: its first entry is the one used longest ago.
  const entries = new Map<string, Completion>();
  let characters = 0;

  const remove = (key: string): Completion | undefined => {
    const found = entries.get(key);
    if (found !== undefined) characters -= sizeOf(found);
    entries.delete(key);
    return found;
  };
  const insert = (key: string, completion: Completion): void => {
    entries.set(key, completion);
    characters += sizeOf(completion);
  };

  return {
    get(key) {
      const found = remove(key);
      if (found !== undefined) insert(key, found);
      return Promise.resolve(found);
    },
    set(key, completion) {
      remove(key);
      insert(key, completion);
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries && characters <= maxCharacters) break;
        remove(oldest);
      }
      return Promise.resolve();
    },
  };
}

function sizeOf(completion: Completion): number {
  return completion.text.length + completion.reasoning.length;
}
