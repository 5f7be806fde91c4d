import type { Budget, ModelRef, Usage } from '@flowreasoner/contracts/workflow';
import type { MetaLimits } from '../solve/context.js';

/** One message of a conversation with the meta model. */
export interface MetaMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** A request to the meta model. */
export interface MetaRequest {
  readonly model: ModelRef;
  readonly messages: readonly MetaMessage[];
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
  /** GBNF that the answer must follow; absent means free text. */
  readonly grammar?: string;
  /** What the request may use at most; asked before it is sent. */
  readonly budget: Budget;
  /** Whose request it is. */
  readonly tenant: string;
  readonly signal: AbortSignal;
  /** When the run must have ended, in milliseconds since 1970. */
  readonly deadlineAt: number;
  /** Reasoning as it comes. */
  readonly onReasoning: (text: string) => void;
  /** The answer as it comes, without the reasoning. */
  readonly onText: (text: string) => void;
  /** Told what the request used, whether it succeeded or not; where it was made several times, each time. */
  readonly onUsage: (usage: Usage) => void;
  /**
   * Told, after `onUsage`, when the request is to be made again because its answer broke off: it is
   * made when what this returns has settled.
   */
  readonly onRestart: () => Promise<void>;
}

/** What the meta model answered. */
export interface MetaAnswer {
  readonly text: string;
  readonly reasoning: string;
  /** Whether the answer was cut at the greatest number of tokens. */
  readonly cut: boolean;
}

/** The model that designs workflows. */
export interface MetaModel {
  /**
   * Whether the model's endpoint obeys a grammar. The first caller of all may have to pay for the
   * requests that find it out.
   *
   * @throws FlowError RESOURCE_EXHAUSTED BUDGET_EXCEEDED when the budget has no room for these
   */
  takesGrammar(
    model: ModelRef,
    call: Pick<MetaRequest, 'budget' | 'deadlineAt' | 'signal' | 'onUsage'>,
  ): Promise<boolean>;
  /** What the model can hold, where that is less than the service's own limits. */
  limits?(model: ModelRef): MetaLimits | undefined;
  /** Whether the model is one to judge answers; default: it is. */
  canJudge?(model: ModelRef): boolean;
  /** The most that a request can use, where that is known. */
  most?(model: ModelRef, request: Pick<MetaRequest, 'messages' | 'maxTokens'>): Usage | undefined;
  /**
   * Asks once.
   *
   * @throws FlowError RESOURCE_EXHAUSTED BUDGET_EXCEEDED when the budget has no
   *   room for the request, UNAVAILABLE when the model can't be reached
   */
  complete(request: MetaRequest): Promise<MetaAnswer>;
}
