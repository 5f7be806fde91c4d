/**
 * Every fixed limit of the client. What an operator may want to change is a
 * field of `ModelEndpoint` instead.
 */
export const ModelLimits = {
  /** Bytes of one response body, whatever it is: beyond this the connection is closed. */
  responseBytes: 16 * 1024 * 1024,
  /** UTF-8 bytes of all messages of a request. */
  promptBytes: 8 * 1024 * 1024,
  messages: 4096,
  /** UTF-8 bytes of a grammar, and of a JSON schema. */
  grammarBytes: 1024 * 1024,
  stopWords: 16,
  samples: 64,
  maxTokens: 1_048_576,
  /** Longest time that listing the models may take, in milliseconds. */
  listTimeoutMs: 15_000,
  /** Characters of an upstream message that an error repeats. */
  errorExcerpt: 400,
  /** Longest Retry-After that is waited for, in milliseconds; beyond it the call fails with that time. */
  retryAfterMs: 120_000,
  /** Longest wait between two attempts that the client chooses itself, in milliseconds. */
  backoffMs: 30_000,
} as const;
