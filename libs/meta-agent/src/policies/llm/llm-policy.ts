import { GrammarFormat } from '@flowreasoner/contracts/workflow';
import { FlowError, unary } from '@flowreasoner/rpc';
import type { SolveContext } from '../../solve/context.js';
import { callDependency, dependencies } from '../../solve/dependency.js';
import { seedFrom } from '../../solve/seeded-random.js';
import type { MetaModel } from '../meta-model.js';
import type { OperatorCatalogue } from '../operator-catalogue.js';
import type {
  PastRound,
  Policy,
  PolicyContext,
  ProposeHooks,
  Proposal,
  RejectedProposal,
} from '../policy.js';
import { buildPrompt, promptVersion } from './prompt.js';

/** What the policy is made of. */
export interface LlmPolicyOptions {
  readonly context: Pick<SolveContext, 'ports' | 'options' | 'signal' | 'tenant' | 'deadlineAt'>;
  readonly meta: MetaModel;
  readonly catalogue: OperatorCatalogue;
  /** Calls that every workflow must keep as they are, as they are written. */
  readonly hold: readonly string[];
}

const temperature = 0.6;
const hotterEachTry = 0.2;
// What GetGrammar takes.
const maxExcluded = 64;
const grammarDeadlineMs = 30_000;

/**
 * The policy that has a reasoning model improve a workflow that was run. Where the model's
 * endpoint takes a grammar, structures that were tried are left out of it.
 */
export function createLlmPolicy(options: LlmPolicyOptions): Policy {
  return {
    plan(context) {
      const { parent } = context;
      if (parent === undefined) return undefined;
      return {
        summary: `Have the meta model improve the workflow of round ${parent.round} (score ${parent.score.toFixed(2)}; prompt ${promptVersion})`,
        parentRound: parent.round,
        propose: (rejected, hooks) => propose(options, { ...context, parent }, rejected, hooks),
      };
    },
  };
}

async function propose(
  options: LlmPolicyOptions,
  context: PolicyContext & { readonly parent: PastRound },
  rejected: readonly RejectedProposal[],
  hooks: ProposeHooks,
): Promise<Proposal> {
  const { meta, catalogue } = options;
  const { ports, options: run } = options.context;
  const limits = meta.limits?.(run.meta) ?? ports.metaLimits;
  const { task, history, parent } = context;
  const tried = [...history, ...rejected].flatMap((each) =>
    each.normalForm === '' ? [] : [each.normalForm],
  );
  const grammar = (await hooks.takesGrammar()) ? await grammarWithout(options, tried) : undefined;
  const answer = await hooks.ask({
    messages: buildPrompt({
      task,
      operators: catalogue.operators,
      history,
      parent,
      rejected,
      hold: options.hold,
      form: run.feedbackForm,
      maxBytes: limits.promptBytes,
    }),
    seed: seedFrom(context.seed, context.round, rejected.length, 'meta'),
    temperature: temperature + hotterEachTry * rejected.length,
    maxTokens: limits.maxTokens,
    ...(grammar === undefined ? {} : { grammar }),
  });
  return { source: answer.text, modification: '', isCut: answer.cut };
}

/** The grammar without structures that were tried; undefined when the runner makes none. */
async function grammarWithout(
  { context }: LlmPolicyOptions,
  tried: readonly string[],
): Promise<string | undefined> {
  const { ports, signal, tenant } = context;
  const request = {
    operators: [],
    format: GrammarFormat.GRAMMAR_FORMAT_GBNF,
    maxStatements: 0,
    exclude: tried.slice(-maxExcluded),
  };
  const { grammar } = await callDependency(context, dependencies.runner, async () => {
    try {
      return await unary(ports.workflows, 'getGrammar', request, {
        signal,
        tenant,
        deadlineMs: grammarDeadlineMs,
      });
    } catch (error) {
      if (error instanceof FlowError && error.code === 'UNIMPLEMENTED') return { grammar: '' };
      throw error;
    }
  });
  return grammar === '' ? undefined : grammar;
}
