import type { Work } from './state.js';

/** Least or greatest work of a program; undefined means unbounded, or not known. */
export interface WorkBound {
  readonly operatorCalls: number | undefined;
  readonly modelCalls: number | undefined;
  /** Prompt and completion tokens; undefined also where nothing bounds those of a request. */
  readonly tokens: number | undefined;
  /** US dollars; undefined also where tokens are not bounded or no price is given. */
  readonly costUsd: number | undefined;
  /** Model requests on the longest chain of dependent calls. */
  readonly criticalPath: number | undefined;
}

/** What a program can cost, known before it runs. */
export interface StaticBounds {
  /** The cheapest path that ends with a return. */
  readonly least: WorkBound;
  /** The dearest path. */
  readonly greatest: WorkBound;
}

/** What one model request may use, from which bounds on tokens and money follow; what is absent is not known. */
export interface RequestBounds {
  /** Default: 0. */
  readonly leastPromptTokens?: number;
  readonly greatestPromptTokens?: number;
  readonly greatestCompletionTokens?: number;
  /** Price of the model that operators call. */
  readonly price?: RequestPrice;
}

/** What a model costs, in US dollars for a million tokens. */
export interface RequestPrice {
  readonly promptUsdPerMillion: number;
  readonly completionUsdPerMillion: number;
}

/** Bounds from the work on all ways through a program; open ones when it is not known. */
export function boundsOf(work: Work | undefined, request: RequestBounds): StaticBounds {
  const { leastPromptTokens = 0, greatestPromptTokens, greatestCompletionTokens, price } = request;
  return {
    least: bound(work, 'least', leastPromptTokens, 0, price),
    greatest: bound(work, 'greatest', greatestPromptTokens, greatestCompletionTokens, price),
  };
}

function bound(
  work: Work | undefined,
  side: 'least' | 'greatest',
  prompt: number | undefined,
  completion: number | undefined,
  price: RequestPrice | undefined,
): WorkBound {
  const open = side === 'least' ? 0 : undefined;
  const modelCalls = work ? finite(work.modelCalls[side]) : open;
  const times = (each: number | undefined): number | undefined =>
    modelCalls === 0 ? 0 : each === undefined || modelCalls === undefined ? undefined : modelCalls * each;
  const isKnown = prompt !== undefined && completion !== undefined;
  const microUsd =
    isKnown && price
      ? prompt * price.promptUsdPerMillion + completion * price.completionUsdPerMillion
      : undefined;
  const totalMicroUsd = price && times(microUsd);
  return {
    operatorCalls: work ? finite(work.operatorCalls[side]) : open,
    modelCalls,
    tokens: times(isKnown ? prompt + completion : undefined),
    costUsd: totalMicroUsd === undefined ? undefined : totalMicroUsd / 1_000_000,
    criticalPath: work ? finite(work.chain[side]) : open,
  };
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? Math.round(value) : undefined;
}
