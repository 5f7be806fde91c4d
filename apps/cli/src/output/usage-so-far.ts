import type { RunOptions } from '@flowreasoner/contracts/metaagent';
import type { Usage } from '@flowreasoner/contracts/workflow';
import { costWords, plural, seconds } from './words.js';

/** Counts what a run uses, and says it beside the run's limits. */
export class UsageSoFar {
  private calls = 0;
  private tokens = 0;
  private costUsd: number | undefined = 0;

  /** @param limits those of the run, where they are known */
  constructor(private readonly limits?: Pick<RunOptions, 'budget' | 'deadlineMs'>) {}

  /** Counts what a request used. */
  add(usage: Usage | undefined): void {
    if (usage === undefined) return;
    this.calls += usage.modelCalls;
    this.tokens += usage.promptTokens + usage.completionTokens;
    this.costUsd =
      this.costUsd === undefined || usage.costUsd === undefined ? undefined : this.costUsd + usage.costUsd;
  }

  /**
   * The time, then what is limited, then the rest. The deadline is told once half
   * of it has passed, a price once there is one.
   */
  facts(elapsedMs: number): string[] {
    const { budget, deadlineMs = 0 } = this.limits ?? {};
    const { calls, tokens, costUsd } = this;
    const limited: string[] = [];
    const others: string[] = [];
    if (budget?.costUsd !== undefined) limited.push(`${costWords(costUsd)} of ${costWords(budget.costUsd)}`);
    if (budget?.tokens !== undefined) limited.push(`${count(tokens)} of ${count(budget.tokens)} tokens`);
    if (budget?.modelCalls !== undefined)
      limited.push(`${count(calls)} of ${count(budget.modelCalls)} calls`);
    if (budget?.modelCalls === undefined && calls > 0) others.push(plural(calls, 'call'));
    if (budget?.tokens === undefined && tokens > 0) others.push(`${count(tokens)} tokens`);
    if (budget?.costUsd === undefined && (costUsd ?? 0) > 0) others.push(costWords(costUsd));
    const isLate = deadlineMs > 0 && elapsedMs > deadlineMs / 2;
    return [
      isLate ? `${seconds(elapsedMs)} of ${seconds(deadlineMs)}` : seconds(elapsedMs),
      ...limited,
      ...others,
    ];
  }
}

function count(value: number): string {
  return value.toLocaleString('en');
}
