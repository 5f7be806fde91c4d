import { createHash } from 'node:crypto';
import type { MemoEntry } from '@flowreasoner/contracts/workflow';

/** Version of what memo entries hold and of the prompts that lead to them. */
const MEMO_VERSION = 1;

/**
 * The key of a request: its place (operator call and index within it) and a hash
 * of everything that its answer depends on.
 */
export function memoKey(place: string, label: string, content: unknown): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([MEMO_VERSION, content]))
    .digest('base64url');
  return `${place}|${label}|${hash.slice(0, 22)}`;
}

/** Finished requests of an earlier try of the same run. */
export class Memo {
  private readonly entries: ReadonlyMap<string, Buffer>;

  constructor(entries: readonly MemoEntry[]) {
    this.entries = new Map(entries.map(({ key, response }) => [key, response] as const));
  }

  /** The answer to a request; undefined when it is not there or can't be read. */
  find(key: string): unknown {
    const response = this.entries.get(key);
    if (response === undefined) return undefined;
    try {
      return JSON.parse(response.toString('utf8')) as unknown;
    } catch {
      return undefined;
    }
  }

  /** The entry that keeps an answer, which must survive JSON. */
  entry(key: string, answer: unknown): MemoEntry {
    return { key, response: Buffer.from(JSON.stringify(answer)) };
  }
}
