import type { z } from '@hono/zod-openapi';
import type { RunEvent, RunResult } from '@flowreasoner/contracts/metaagent';
import type { Usage } from '@flowreasoner/contracts/workflow';
import type { usageSchema } from './chat-schema.js';

type UsageJson = z.infer<typeof usageSchema>;
type Share = UsageJson['flowreasoner']['meta'];

const nothing: Usage = { modelCalls: 0, promptTokens: 0, completionTokens: 0, costUsd: 0, sandboxMs: 0 };

/** Tells a run's usage by who used it. */
export class UsageMeter {
  #meta = nothing;

  /** Takes account of an event. */
  add({ event }: RunEvent): void {
    if (event?.$case !== 'metaRequestFinished' || event.value.fromMemo) return;
    const { usage } = event.value;
    if (usage !== undefined) this.#meta = combine(this.#meta, usage, 1);
  }

  /** What the whole run used, as its result says. */
  total({ usage = nothing }: RunResult): UsageJson {
    return {
      prompt_tokens: usage.promptTokens,
      completion_tokens: usage.completionTokens,
      total_tokens: usage.promptTokens + usage.completionTokens,
      flowreasoner: {
        model_calls: usage.modelCalls,
        cost_usd: usage.costUsd ?? null,
        sandbox_ms: usage.sandboxMs,
        meta: shareOf(this.#meta),
        worker: shareOf(combine(usage, this.#meta, -1)),
      },
    };
  }
}

function combine(one: Usage, other: Usage, sign: 1 | -1): Usage {
  const add = (left: number, right: number): number => Math.max(0, left + sign * right);
  return {
    modelCalls: add(one.modelCalls, other.modelCalls),
    promptTokens: add(one.promptTokens, other.promptTokens),
    completionTokens: add(one.completionTokens, other.completionTokens),
    costUsd:
      one.costUsd === undefined || other.costUsd === undefined ? undefined : add(one.costUsd, other.costUsd),
    sandboxMs: add(one.sandboxMs, other.sandboxMs),
  };
}

function shareOf(usage: Usage): Share {
  return {
    model_calls: usage.modelCalls,
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    cost_usd: usage.costUsd ?? null,
  };
}
