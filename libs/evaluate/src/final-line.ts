const marker = /(?:final\s+answer|answer)\**\s*(?:is|:|=)\s*/gi;

// An answer stands at the end; what is read of a text, and of a line, is bounded
// because patterns that look for it may take time that grows with its square.
const maxTail = 16_384;
const maxLine = 2_000;

/** The last line of a text that is not blank, at most its last 2,000 characters; empty where all are. */
export function lastLine(text: string): string {
  const line = text.trimEnd().slice(-maxTail).split('\n').at(-1)?.trim() ?? '';
  return line.slice(-maxLine);
}

/**
 * What stands, on the same line, after the last "answer:", "answer is" or
 * "####" in the last 16,384 characters of a text, at most 2,000 characters of
 * it; undefined where there is nothing of the kind.
 */
export function afterMarker(whole: string): string | undefined {
  const text = whole.slice(-maxTail);
  const hashes = text.lastIndexOf('####');
  const marked = [...text.matchAll(marker)].at(-1);
  const start = hashes >= 0 ? hashes + 4 : marked && marked.index + marked[0].length;
  if (start === undefined) return undefined;
  const rest = text.slice(start).trimStart().split('\n', 1)[0]?.trim() ?? '';
  return rest === '' ? undefined : rest.slice(0, maxLine);
}
