import type { Budget, ModelRef as WireModelRef, Usage } from '@flowreasoner/contracts/workflow';
import {
  createBudgetGate,
  requestBound,
  usedBesides,
  type BudgetLimits,
  type ModelClient,
  type ModelRef,
} from '@flowreasoner/model';
import type { MetaModel } from '../policies/meta-model.js';
import type { MetaLimits } from '../solve/context.js';
import { noUsage } from '../solve/usage.js';

/**
 * Limits for models of a server of our own: they are small, read about 200
 * tokens a second on one core, and write a workflow in about 250 tokens.
 */
const localLimits: MetaLimits = { promptBytes: 6_000, maxTokens: 512 };

/** A meta model behind the endpoints of a model client. */
export function createMetaModel(
  client: Pick<ModelClient, 'complete' | 'grammarStyle' | 'endpoints'>,
): MetaModel {
  return {
    limits(model) {
      return endpointOf(client, model)?.local === true ? localLimits : undefined;
    },
    canJudge: (model) => endpointOf(client, model)?.local !== true,
    most(model, request) {
      const endpoint = endpointOf(client, model);
      if (endpoint === undefined) return undefined;
      const name = model.model || (endpoint.defaultModel ?? '');
      return { modelCalls: 1, ...requestBound(endpoint, name, request), sandboxMs: 0 };
    },
    async takesGrammar(model, { budget, deadlineAt: deadlineMs, signal, onUsage }) {
      const gate = createBudgetGate(limitsOf(budget));
      try {
        return (await client.grammarStyle(refOf(model), { signal, deadlineMs, budget: gate })) !== 'none';
      } finally {
        onUsage(gate.snapshot());
      }
    },
    async complete(request) {
      const budget = createBudgetGate(limitsOf(request.budget));
      let told: Usage = noUsage;
      // What the gate has charged holds for failed requests too.
      const tellUsage = (): void => {
        const used = budget.snapshot();
        request.onUsage(usedBesides(told, used));
        told = used;
      };
      let isShown = false;
      try {
        const completion = await client.complete(
          {
            ref: refOf(request.model),
            messages: request.messages,
            maxTokens: request.maxTokens,
            temperature: request.temperature,
            seed: request.seed,
            ...(request.grammar === undefined ? {} : { grammar: request.grammar }),
          },
          {
            signal: request.signal,
            deadlineMs: request.deadlineAt,
            budget,
            cacheScope: request.tenant,
            onDelta: ({ reasoning, text }) => {
              isShown = true;
              if (reasoning !== '') request.onReasoning(reasoning);
              if (text !== '') request.onText(text);
            },
            onRestart: () => {
              if (isShown) request.onReasoning('\n[The answer broke off and is asked for again.]\n');
              isShown = false;
              tellUsage();
              return request.onRestart();
            },
          },
        );
        const { text, reasoning, finishReason } = completion;
        return { text, reasoning, cut: finishReason === 'length' };
      } finally {
        tellUsage();
      }
    },
  };
}

function endpointOf({ endpoints }: Pick<ModelClient, 'endpoints'>, { endpoint }: WireModelRef) {
  return endpoints.find(({ name }) => endpoint === '' || name === endpoint);
}

function refOf(model: WireModelRef): ModelRef {
  return {
    ...(model.endpoint === '' ? {} : { endpoint: model.endpoint }),
    ...(model.model === '' ? {} : { model: model.model }),
  };
}

function limitsOf(budget: Budget): BudgetLimits {
  return {
    ...(budget.costUsd === undefined ? {} : { costUsd: budget.costUsd }),
    ...(budget.tokens === undefined ? {} : { tokens: budget.tokens }),
    ...(budget.modelCalls === undefined ? {} : { modelCalls: budget.modelCalls }),
  };
}
