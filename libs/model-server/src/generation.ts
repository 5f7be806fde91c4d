/** One message of a chat, already reduced to plain text. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What the answer's text has to conform to. */
export type Constraint =
  | { readonly kind: 'grammar'; readonly grammar: string }
  | { readonly kind: 'json_schema'; readonly schema: Readonly<Record<string, unknown>> }
  | { readonly kind: 'json' };

/** One sample of an answer, as a worker is asked for it. */
export interface GenerationJob {
  /** When the last message is the assistant's, the answer continues it. */
  readonly messages: readonly ChatMessage[];
  /** Most tokens to generate; `undefined` is whatever the context has room for. */
  readonly maxTokens: number | undefined;
  /** 0 is greedy. */
  readonly temperature: number;
  /** In (0, 1]; 1 is off. */
  readonly topP: number;
  /** 0 is off. */
  readonly topK: number;
  /** In [0, 1]; 0 is off. */
  readonly minP: number;
  /** In [0, 2^32 - 2]: llama.cpp takes 2^32 - 1 for "choose one at random". */
  readonly seed: number;
  /** The answer ends before the first of these. */
  readonly stop: readonly string[];
  readonly constraint: Constraint | undefined;
}

/** Why an answer ended: the model or a stop string ended it, or a length limit did. */
export type FinishReason = 'stop' | 'length';

/** What happens to one sample, in order: one `started`, any number of `text`, one `done`. */
export type GenerationEvent =
  | { readonly type: 'started'; readonly promptTokens: number; readonly cachedTokens: number }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'done'; readonly finishReason: FinishReason; readonly completionTokens: number };

/** Why a worker refuses a job that looked right from outside. */
export interface Rejection {
  /** Field of the request that is to blame. */
  readonly param: string;
  /** Stable identifier for machines. */
  readonly code: 'context_length_exceeded' | 'invalid_grammar' | 'invalid_json_schema';
  readonly message: string;
}
