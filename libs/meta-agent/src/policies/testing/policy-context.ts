import { FeedbackSource, Task } from '@flowreasoner/contracts/metaagent';
import type { PolicyContext, ProposeHooks } from '../policy.js';

const noModel = (): Promise<never> => Promise.reject(new Error('there is no model'));

/** Hooks of policies that ask no model. */
export const hooksWithoutModel: ProposeHooks = {
  signal: new AbortController().signal,
  ask: noModel,
  takesGrammar: noModel,
};

/** What a policy knows in the first of eight rounds on a program `f`, with changes. */
export function policyContext(change: Partial<PolicyContext> = {}): PolicyContext {
  return {
    task: {
      task: Task.fromPartial({ problem: 'p' }),
      isCode: true,
      problem: 'p',
      entryPoint: 'f',
      suite: undefined,
      answerChecks: undefined,
      source: FeedbackSource.FEEDBACK_SOURCE_EXECUTION,
    },
    round: 1,
    history: [],
    parent: undefined,
    remaining: { costUsd: undefined, tokens: undefined, modelCalls: undefined, sandboxMs: undefined },
    roundsLeft: 8,
    seed: 0,
    ...change,
  };
}
