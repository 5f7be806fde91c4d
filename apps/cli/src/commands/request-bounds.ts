import { FlowError } from '@flowreasoner/rpc';
import type { RequestBounds } from '@flowreasoner/workflow';

/** Options from which bounds on tokens and money follow. */
export interface RequestBoundOptions {
  /** Greatest prompt and completion tokens of one model request, such as "4000,1000". */
  readonly requestTokens?: string;
  /** US dollars for a million prompt and completion tokens, such as "0.25,2". */
  readonly price?: string;
}

/**
 * Reads what one model request may use and cost.
 *
 * @throws FlowError INVALID_ARGUMENT for anything but two numbers, 0 or more
 */
export function readRequestBounds({ requestTokens, price }: RequestBoundOptions): RequestBounds {
  const tokens = requestTokens === undefined ? undefined : pairOf('--request-tokens', requestTokens, true);
  const usd = price === undefined ? undefined : pairOf('--price', price, false);
  return {
    ...(tokens && { greatestPromptTokens: tokens[0], greatestCompletionTokens: tokens[1] }),
    ...(usd && { price: { promptUsdPerMillion: usd[0], completionUsdPerMillion: usd[1] } }),
  };
}

function pairOf(option: string, text: string, whole: boolean): [number, number] {
  const pattern = whole ? /^\d{1,9}$/ : /^\d{1,9}(?:\.\d+)?$/;
  const [prompt, completion, ...more] = text.split(',').map((part) => part.trim());
  const isPair = more.length === 0 && [prompt, completion].every((part) => pattern.test(part ?? ''));
  if (!isPair)
    throw new FlowError(
      'INVALID_ARGUMENT',
      'OPTION_INVALID',
      `${option} takes two ${whole ? 'whole numbers' : 'numbers'}, for prompt and completion, not "${text}".`,
      { hint: `Write ${option} ${whole ? '4000,1000' : '0.25,2'}` },
    );
  return [Number(prompt), Number(completion)];
}
