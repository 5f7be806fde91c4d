import type { CompletionRequest } from './completion.js';
import { costUsd, priceOf, type ModelEndpoint } from './endpoint.js';
import { promptTokenBound } from './token-bound.js';

/** The most that a request can use. */
export interface RequestBound {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** In USD; undefined when the model's price is not known. */
  readonly costUsd: number | undefined;
}

/** The most that drawing `samples` answers can use: what a budget holds before the request is sent. */
export function requestBound(
  endpoint: Pick<ModelEndpoint, 'local' | 'prices'>,
  model: string,
  request: Pick<CompletionRequest, 'messages' | 'jsonSchema' | 'maxTokens'>,
  samples = 1,
): RequestBound {
  // A server that draws its samples one by one bills the prompt for each.
  const tokens = {
    promptTokens: promptTokenBound(request) * samples,
    completionTokens: request.maxTokens * samples,
  };
  return { ...tokens, costUsd: costUsd(priceOf(endpoint, model), tokens) };
}
