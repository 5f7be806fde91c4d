import type { BudgetGate } from './budget-gate.js';

/** One message of a conversation. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** Which model to ask. */
export interface ModelRef {
  /** Name of the endpoint. Default: the first one configured. */
  readonly endpoint?: string;
  /** Default: the endpoint's default model. */
  readonly model?: string;
}

/** An answer that must follow a JSON schema. */
export interface JsonSchemaOutput {
  /** Letters, digits, `_` and `-`, at most 64. */
  readonly name: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** What is asked of a model. */
export interface CompletionRequest {
  readonly ref?: ModelRef;
  /** A closing assistant message is an answer begun by the caller; the completion is what follows it. */
  readonly messages: readonly ChatMessage[];
  /** Most tokens of the answer, its reasoning included. */
  readonly maxTokens: number;
  readonly temperature?: number;
  readonly topP?: number;
  /**
   * Non-negative integer. Sample i is asked for with (seed + i) mod 2^31; of samples that one request
   * draws, this is the first one's, and the server derives the others' from it as it likes.
   */
  readonly seed?: number;
  /** Texts that end the answer and are left out of it. */
  readonly stop?: readonly string[];
  /** GBNF in the subset that llama.cpp and xgrammar both load; the start rule is `root`. */
  readonly grammar?: string;
  readonly jsonSchema?: JsonSchemaOutput;
  /** Which sample of this request this is (the first one, where several are asked for). Default 0. */
  readonly sampleIndex?: number;
}

/** A piece of an answer as it arrives; at least one of the texts is not empty. */
export interface CompletionDelta {
  readonly text: string;
  readonly reasoning: string;
  /** The sample it belongs to. */
  readonly sampleIndex: number;
}

/** Samples whose pieces so far are void: `count` of them from `firstIndex` on. */
export interface RestartedSamples {
  readonly firstIndex: number;
  readonly count: number;
}

/** How a request is carried out. */
export interface CompletionCall {
  /** Aborting it closes the connection at once. A FlowError as its reason is what the call throws. */
  readonly signal?: AbortSignal;
  /** Time by which the answer must be there, in milliseconds since the Unix epoch. */
  readonly deadlineMs?: number;
  /** What the request may cost. Default: no limit. */
  readonly budget?: BudgetGate;
  /**
   * Gets the answer piece by piece. The completion is authoritative: a server that leaves out an
   * opening `<think>` has its reasoning handed out as text here and separated at the end.
   */
  readonly onDelta?: (delta: CompletionDelta) => void;
  /**
   * Told before an attempt that follows one that may have run: pieces that were handed out can be
   * thrown away, and the attempt be written down; it begins when what this returns has settled.
   * Without it an answer that breaks off after its first piece is not tried again.
   */
  readonly onRestart?: (samples: RestartedSamples) => void | Promise<void>;
  /** Who may share cached answers, such as a tenant. Default: the empty scope. */
  readonly cacheScope?: string;
  /** `false` neither reads nor writes the cache. Default true. */
  readonly useCache?: boolean;
}

/** What one sample has used. */
export interface CompletionUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** In USD; undefined when the model's price is not known. */
  readonly costUsd: number | undefined;
  /** False where the endpoint reported nothing: the numbers are then upper bounds. */
  readonly reported: boolean;
}

/** Why an answer ended; `other` is anything the protocol does not name. */
export type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls' | 'other';

/** One answer. */
export interface Completion {
  /** Without its reasoning, and without what the caller had begun. */
  readonly text: string;
  /** Empty where the model gave none. */
  readonly reasoning: string;
  readonly finishReason: FinishReason;
  /** Of samples drawn by one request, the first carries all its tokens and the others none. */
  readonly usage: CompletionUsage;
  /** The model that was asked. */
  readonly model: string;
  /** Name of the endpoint that was asked. */
  readonly endpoint: string;
  /** The seed that was sent for this sample; undefined without one, and where the server derived it. */
  readonly seed: number | undefined;
  readonly sampleIndex: number;
  /** True where it came from the cache: `usage` is then what it once took, and nothing was charged. */
  readonly cached: boolean;
}
