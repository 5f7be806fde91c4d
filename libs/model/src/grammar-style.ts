import { FlowError } from '@flowreasoner/rpc';
import type { CallScope } from './call-scope.js';
import { chatBody } from './chat-body.js';
import type { BudgetGate } from './budget-gate.js';
import type { CompletionRequest } from './completion.js';
import type { EndpointSession } from './endpoint-session.js';
import type { GrammarStyle } from './endpoint.js';

/** A word that no model says by itself when asked this. */
const word = 'marzipan';
const probe: CompletionRequest = {
  messages: [{ role: 'user', content: 'What is two plus two? Answer with one digit.' }],
  // Room for a reasoning model, which is held to the grammar only after it has thought.
  maxTokens: 256,
  temperature: 0,
  grammar: `root ::= "${word}"`,
};

/**
 * Finds out how an endpoint takes a grammar, by asking for one word. Needed
 * because some servers ignore the fields that they do not know.
 *
 * @throws FlowError where the endpoint can't be asked; this says nothing about its style
 */
export async function probeGrammarStyle(
  session: EndpointSession,
  model: string,
  scope: CallScope,
  budget: BudgetGate | undefined,
): Promise<GrammarStyle> {
  for (const style of ['structured_outputs', 'grammar'] as const) {
    const body = chatBody(probe, {
      endpoint: session.endpoint,
      model,
      samples: 1,
      seed: undefined,
      grammarStyle: style,
      continueFlags: false,
    });
    try {
      const answer = await session.send({ model, request: probe, body, samples: 1, budget, scope });
      if (answer.samples[0]?.text.trim() === word) return style;
    } catch (error) {
      if (!(error instanceof FlowError && error.reason === 'MODEL_REJECTED')) throw error;
    }
  }
  return 'none';
}
