/** The hard limits of a run; one that is left out does not bind. */
export interface BudgetLimits {
  /** USD. */
  readonly costUsd?: number;
  /** Prompt and completion tokens together. */
  readonly tokens?: number;
  /** Samples that a model gave, or may have worked on; a request for several at once counts each. */
  readonly modelCalls?: number;
  /** Wall time of sandbox executions, in milliseconds. */
  readonly sandboxMs?: number;
}

/** What a model request may take at most. */
export interface ModelAsk {
  readonly kind: 'model';
  readonly endpoint: string;
  readonly model: string;
  /** Samples that the request draws. */
  readonly modelCalls: number;
  /** Upper bounds, in tokens. */
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** In USD, for those tokens; undefined when the price is not known. */
  readonly costUsd: number | undefined;
}

/** What a sandbox execution may take at most. */
export interface SandboxAsk {
  readonly kind: 'sandbox';
  /** Upper bound of its wall time, in milliseconds. */
  readonly wallMs: number;
}

/** What a request turned out to take: the fields of its ask that are amounts. */
export type Used<Ask extends ModelAsk | SandboxAsk> = Omit<Ask, 'kind' | 'endpoint' | 'model'>;

/** An amount that is held until it is settled or released; only the first of these counts. */
export interface BudgetReservation<Ask extends ModelAsk | SandboxAsk> {
  /** Charges what was used. Without an argument: all that was reserved, for what may have been used unseen. */
  settle(used?: Used<Ask>): void;
  /** Charges nothing: the request never reached a model or a sandbox that would work on it. */
  release(): void;
}

/** What has been used so far. */
export interface BudgetSnapshot {
  /** Samples, as in {@link BudgetLimits}: the same whether a server draws several at once or not. */
  readonly modelCalls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** In USD; undefined as soon as a model of unknown price has been used. */
  readonly costUsd: number | undefined;
  readonly sandboxMs: number;
}

/** Guards a run's budget: asked before each request, told after it. */
export interface BudgetGate {
  /**
   * Holds the largest amount that a request can take. Where it would fit but for requests in flight,
   * it waits for these, first come first served; where it can't fit it is refused at once.
   *
   * @throws FlowError RESOURCE_EXHAUSTED, reason BUDGET_EXCEEDED, metadata `limit`: no room;
   *   FAILED_PRECONDITION, reason PRICE_UNKNOWN: a money limit and no price;
   *   FAILED_PRECONDITION, reason ENDPOINT_OVERRAN: the endpoint has used more than was reserved before
   */
  reserve<Ask extends ModelAsk | SandboxAsk>(ask: Ask, signal?: AbortSignal): Promise<BudgetReservation<Ask>>;
  snapshot(): BudgetSnapshot;
  /** What is left of each limit, reservations not counted; never negative. */
  remaining(): BudgetLimits;
  /** Settles once nothing is reserved: only then does the snapshot hold what requests cut off in flight cost. */
  drained(): Promise<void>;
  /** Endpoints that have used more than was reserved. */
  overrun(): readonly string[];
}
