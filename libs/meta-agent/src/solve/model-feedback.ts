import { ModelFeedback } from '@flowreasoner/contracts/metaagent';
import type { Usage } from '@flowreasoner/contracts/workflow';
import { FlowError } from '@flowreasoner/rpc';
import { askMeta, type MetaAsk } from './ask-meta.js';
import type { SolveContext } from './context.js';
import { tokensOf } from './usage.js';

/**
 * Asks the meta model for feedback on an answer, where the run allows that and
 * half of what is left of its budget holds everything that is going to be asked.
 *
 * @param asks made in order, each built from nothing but the task and an answer
 * @returns the answers' texts; undefined where it is not allowed, not
 *   affordable, or the model gives none
 */
export async function askForFeedback(
  context: SolveContext,
  asks: readonly MetaAsk[],
): Promise<string[] | undefined> {
  if (!isWanted(context) || !isAffordable(context, asks)) return undefined;
  const texts: string[] = [];
  for (const ask of asks) {
    try {
      const { text } = await askMeta(context, ask);
      texts.push(text);
    } catch (error) {
      context.signal.throwIfAborted();
      // A run that can be solved without feedback from a model is not ended by its failure.
      if (!(error instanceof FlowError)) throw error;
      return undefined;
    }
  }
  return texts;
}

function isWanted({ ports, options }: SolveContext): boolean {
  if (ports.meta === undefined) return false;
  switch (options.modelFeedback) {
    case ModelFeedback.MODEL_FEEDBACK_ON:
      return true;
    case ModelFeedback.MODEL_FEEDBACK_OFF:
      return false;
    case ModelFeedback.MODEL_FEEDBACK_UNSPECIFIED:
      return ports.meta.canJudge?.(options.meta) ?? true;
  }
}

function isAffordable({ ports, options, ledger }: SolveContext, asks: readonly MetaAsk[]): boolean {
  const { remaining } = ledger;
  const most = asks.map((ask) => ports.meta?.most?.(options.meta, ask));
  const fits = (left: number | undefined, use: (usage: Usage) => number | undefined): boolean =>
    left === undefined || most.reduce((sum, each) => sum + ((each && use(each)) ?? Infinity), 0) <= left / 2;
  return (
    (remaining.modelCalls === undefined || asks.length <= remaining.modelCalls / 2) &&
    fits(remaining.tokens, tokensOf) &&
    fits(remaining.costUsd, (usage) => usage.costUsd)
  );
}
