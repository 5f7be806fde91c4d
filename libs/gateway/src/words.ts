/** The word of an enum's value: `RUN_STATUS_SOLVED` with the prefix `RUN_STATUS_` is `solved`. */
export function enumWord(name: string | undefined, prefix: string): string {
  return (name ?? '').replace(prefix, '').toLowerCase();
}
