/**
 * Items by their keys. Transactions that take what several of them lock in this
 * order never wait for each other in a circle.
 */
export function inLockOrder<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item);
}
