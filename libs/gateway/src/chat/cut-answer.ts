/** What a caller wants of an answer's length. */
export interface AnswerLimits {
  /** Tokens at most; undefined means no limit. */
  readonly maxTokens: number | undefined;
  /** The answer ends before the first of these. */
  readonly stop: readonly string[];
}

/** An answer as it is sent. */
export interface CutAnswer {
  readonly text: string;
  readonly finishReason: 'stop' | 'length';
}

/**
 * Bytes of UTF-8 that count as a token. Several models with different tokenizers work on an answer,
 * so that no exact count exists; four bytes are what English text and code come to.
 */
const bytesPerToken = 4;

/** Applies `stop` and `max_tokens` to an answer, in this order. */
export function cutAnswer(answer: string, { maxTokens, stop }: AnswerLimits): CutAnswer {
  const ends = stop.map((text) => answer.indexOf(text)).filter((index) => index >= 0);
  const text = ends.length === 0 ? answer : answer.slice(0, Math.min(...ends));
  const maxBytes = maxTokens === undefined ? Infinity : maxTokens * bytesPerToken;
  const bytes = Buffer.from(text);
  if (bytes.byteLength <= maxBytes) return { text, finishReason: 'stop' };
  return { text: bytes.subarray(0, wholeCharacters(bytes, maxBytes)).toString(), finishReason: 'length' };
}

/** The greatest length up to `limit` that does not cut a character in two. */
function wholeCharacters(bytes: Uint8Array, limit: number): number {
  let end = limit;
  // Bytes that continue a character begin with the bits 10.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}
