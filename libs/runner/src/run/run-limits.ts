import type { RunLimits } from '@flowreasoner/contracts/workflow';
import type { PromptStyle } from '../ports.js';

/** Limits of one run after defaults and maxima. */
export interface CompiledLimits {
  readonly steps: number;
  readonly operatorCalls: number;
  readonly wallMs: number;
  readonly concurrency: number;
  readonly maxCompletionTokens: number;
}

const DEFAULTS: CompiledLimits = {
  steps: 200_000,
  operatorCalls: 200,
  wallMs: 600_000,
  concurrency: 16,
  maxCompletionTokens: 2_048,
};

/**
 * Completion tokens of a small model that goes on with code: a function has
 * 20 to 200; one that is longer does not find its end (tools/bench/local-model).
 */
const CONTINUED_COMPLETION_TOKENS = 400;

/** Greatest limits that a request can have. */
const MAXIMA: CompiledLimits = {
  steps: 2_000_000,
  operatorCalls: 10_000,
  wallMs: 3_600_000,
  concurrency: 64,
  maxCompletionTokens: 32_768,
};

/** Time kept back from the call's deadline to send the result, in milliseconds. */
const RESULT_MS = 250;

/**
 * The limits of a run: those asked for, defaults where unset, clamped to the
 * maxima, and wall time within the call's deadline.
 */
export function compileLimits(
  asked: RunLimits | undefined,
  deadlineInMs: number,
  promptStyle: PromptStyle,
): CompiledLimits {
  const defaults =
    promptStyle === 'continue' ? { ...DEFAULTS, maxCompletionTokens: CONTINUED_COMPLETION_TOKENS } : DEFAULTS;
  const pick = (name: keyof CompiledLimits): number =>
    Math.min(asked?.[name] || defaults[name], MAXIMA[name]);
  return {
    steps: pick('steps'),
    operatorCalls: pick('operatorCalls'),
    wallMs: Math.max(1, Math.min(pick('wallMs'), deadlineInMs - RESULT_MS)),
    concurrency: pick('concurrency'),
    maxCompletionTokens: pick('maxCompletionTokens'),
  };
}
