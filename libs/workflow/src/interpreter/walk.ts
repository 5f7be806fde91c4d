import { Stop } from './errors.js';

/** Collections inside each other that comparison, hashing and printing follow. */
export const NESTING_LIMIT = 200;

/**
 * Items that one comparison, search, sort or printing looks at. A list that
 * holds another one twice, and that one a third twice …, is small and has more
 * paths through it than anyone can walk.
 */
export const WALK_LIMIT = 20_000_000;

/** What printing a collection counts for, in items: it takes that much longer than looking at one. */
export const PRINTING = 9;

/** UTF-16 units that one printing or hashing makes. */
export const WALK_TEXT_LIMIT = 32 << 20;

/** Throws when values are nested too deeply to be compared or printed. */
export function checkNesting(level: number): void {
  if (level > NESTING_LIMIT) throw new Stop({ kind: 'limit', limit: 'depth', allowed: NESTING_LIMIT });
}

/** A walk through values, or several that are one piece of work: what is left of its bounds. */
export class Walk {
  private level = 0;
  private items = 0;
  private units = 0;

  /** @param count is told what the walk does */
  constructor(private readonly count?: (items: number) => void) {}

  /**
   * Looks at the items of one collection.
   *
   * @throws Stop when the walk goes too deep or too far
   */
  into<T>(items: number, walk: () => T): T {
    checkNesting(this.level);
    this.items += items + 1;
    this.count?.(items + 1);
    if (this.items > WALK_LIMIT)
      throw new Stop({ kind: 'limit', limit: 'collection_length', allowed: WALK_LIMIT });
    this.level += 1;
    const result = walk();
    this.level -= 1;
    return result;
  }

  /**
   * Counts text about to be made.
   *
   * @throws Stop when it is too long
   */
  text(length: number): void {
    this.units += length;
    if (this.units > WALK_TEXT_LIMIT)
      throw new Stop({ kind: 'limit', limit: 'string_length', allowed: WALK_TEXT_LIMIT });
  }
}
