const marker = /(?:final\s+answer|answer)\**\s*(?:is|:|=)\s*/gi;

/** The last line of a text that is not blank; empty where all are. */
export function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? '';
}

/**
 * What stands, on the same line, after the last "answer:", "answer is" or
 * "####" of a text; undefined where there is nothing of the kind.
 */
export function afterMarker(text: string): string | undefined {
  const hashes = text.lastIndexOf('####');
  const marked = [...text.matchAll(marker)].at(-1);
  const start = hashes >= 0 ? hashes + 4 : marked && marked.index + marked[0].length;
  if (start === undefined) return undefined;
  const rest = text.slice(start).trimStart().split('\n', 1)[0]?.trim() ?? '';
  return rest === '' ? undefined : rest;
}
