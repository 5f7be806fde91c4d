/** Token counts as a server reports them. */
export interface ScriptedUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** An answer that a model gives. */
export interface ScriptedAnswer {
  readonly kind: 'answer';
  /** The text, or one text per sample when a request asks for several (`n`); the last one repeats. */
  readonly text: string | readonly string[];
  readonly reasoning?: string;
  /**
   * How the reasoning travels: a field of the message, a `<think>` block before the text, or such a
   * block without its opening tag (templates that open it in the prompt). Default `reasoning_content`.
   */
  readonly reasoningAs?: 'reasoning' | 'reasoning_content' | 'think' | 'think_unopened';
  /** Default: `length` when `max_tokens` cut the text, otherwise `stop`. `null`: never sent. */
  readonly finishReason?: string | null;
  /** What the server claims. Default: its own count (four characters a token). `none`: nothing. */
  readonly usage?: ScriptedUsage | 'none';
  /** Answers with one JSON body although a stream was asked for. */
  readonly ignoreStream?: boolean;
  /** Answers one sample however many were asked for. */
  readonly ignoreN?: boolean;
  /** Writes on beyond `max_tokens`. */
  readonly ignoreMaxTokens?: boolean;
  /** Time before the first byte, in milliseconds. */
  readonly firstByteDelayMs?: number;
  /** Time before each further chunk, in milliseconds. */
  readonly chunkDelayMs?: number;
  /** Sends status and headers before the first-byte delay, as servers that queue do. */
  readonly headersFirst?: boolean;
  /** Awaited before the first byte; lets a test hold an answer back without sleeping. */
  readonly hold?: Promise<unknown>;
  /** Awaited before each further chunk; a test decides by it when the stream goes on. */
  readonly beforeChunk?: (index: number) => Promise<unknown>;
  /** Where the stream goes wrong: the connection is cut, or falls silent, after this many chunks. */
  readonly fault?: { readonly kind: 'cut' | 'silence'; readonly afterChunks: number };
}

/** A status other than 200, with the body and headers given. */
export interface ScriptedStatus {
  readonly kind: 'status';
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. Default: an error body as OpenAI writes them. */
  readonly body?: unknown;
}

/** Bytes that are not the protocol, with status 200. */
export interface ScriptedGarbage {
  readonly kind: 'garbage';
  readonly body: string | Uint8Array;
  /** Default `text/event-stream`. */
  readonly contentType?: string;
}

/** Bytes without end, 64 KiB at a time, until the client goes away. */
export interface ScriptedFlood {
  readonly kind: 'flood';
  readonly contentType?: string;
}

/** The request is read and never answered. */
export interface ScriptedHang {
  readonly kind: 'hang';
}

/** The connection is closed without a word. */
export interface ScriptedDrop {
  readonly kind: 'drop';
}

/** What the server does with one request. */
export type ScriptedReply =
  ScriptedAnswer | ScriptedStatus | ScriptedGarbage | ScriptedFlood | ScriptedHang | ScriptedDrop;

/** An answer with this text; a shorthand. */
export function answer(
  text: string | readonly string[],
  rest: Omit<ScriptedAnswer, 'kind' | 'text'> = {},
): ScriptedAnswer {
  return { kind: 'answer', text, ...rest };
}

/** An error status; `retryAfter` becomes the Retry-After header. A shorthand. */
export function failure(status: number, rest: { body?: unknown; retryAfter?: string } = {}): ScriptedStatus {
  return {
    kind: 'status',
    status,
    ...(rest.body === undefined ? {} : { body: rest.body }),
    ...(rest.retryAfter === undefined ? {} : { headers: { 'retry-after': rest.retryAfter } }),
  };
}
