import type { MemoEntry } from '@flowreasoner/contracts/workflow';
import { FlowError } from '@flowreasoner/rpc';
import { ReasoningChunks } from '../policies/llm/reasoning-chunks.js';
import type { MetaAnswer, MetaModel, MetaRequest } from '../policies/meta-model.js';
import type { SolveContext } from './context.js';
import { requestKey } from './request-key.js';
import { noUsage } from './usage.js';

/** What a run asks the meta model. */
export type MetaAsk = Pick<MetaRequest, 'messages' | 'seed' | 'temperature' | 'maxTokens' | 'grammar'>;

/**
 * Asks the meta model on a round's behalf: streams its reasoning, counts its
 * use, and adds its start and end to the journal. A request that an earlier
 * owner of the run has finished is answered from the journal, at no cost.
 *
 * @throws FlowError of the model; FAILED_PRECONDITION when there is none
 */
export async function askMeta(context: SolveContext, ask: MetaAsk): Promise<MetaAnswer> {
  const { round, ports, options, ledger, tenant, deadlineAt, signal } = context;
  const meta = metaOf(context);
  const key = requestKey('meta', [options.meta, ask]);
  const kept = answerOf(context.record.round(round)?.requests.get(key));
  if (kept !== undefined) {
    const value = { usage: noUsage, error: '', fromMemo: true, memo: entry(key, kept) };
    context.emit(round, { $case: 'metaRequestFinished', value });
    return kept;
  }
  const chunks = new ReasoningChunks(ports.clock, (text) =>
    context.emit(round, { $case: 'reasoning', value: { text } }),
  );
  let usage = noUsage;
  const ended = (error: string, memo?: MemoEntry): void => {
    chunks.flush();
    ledger.add(usage);
    context.emit(round, { $case: 'metaRequestFinished', value: { usage, error, fromMemo: false, memo } });
  };
  // Before it is paid for: whoever goes on with the run counts it, and asks it again in the same words.
  const begin = (): Promise<void> => {
    usage = noUsage;
    context.emit(round, { $case: 'metaRequestStarted', value: { reserved: meta.most?.(options.meta, ask) } });
    return context.committed();
  };
  await begin();
  let answer: MetaAnswer;
  try {
    answer = await meta.complete({
      ...ask,
      model: options.meta,
      budget: ledger.remaining,
      tenant,
      deadlineAt,
      signal,
      onReasoning: (text) => chunks.add(text),
      onText: (text) => {
        // Whoever watches must not see thoughts come after the answer that they led to.
        chunks.flush();
        context.pass(round, { $case: 'metaTokenDelta', value: { text } });
      },
      onUsage: (used) => {
        usage = used;
      },
      onRestart: () => {
        ended('The answer broke off and is asked for again.');
        return begin();
      },
    });
  } catch (error) {
    ended(error instanceof FlowError ? error.message : 'The request failed.');
    throw error;
  }
  ended(answer.cut ? `The answer was cut at ${ask.maxTokens} tokens.` : '', entry(key, answer));
  return answer;
}

/**
 * Whether the meta model can be held to a grammar. Where requests had to find it
 * out they count as one of the round's.
 *
 * @throws FlowError of the model; FAILED_PRECONDITION when there is none
 */
export async function metaTakesGrammar(context: SolveContext): Promise<boolean> {
  const { round, options, ledger, deadlineAt, signal } = context;
  const meta = metaOf(context);
  let usage = noUsage;
  try {
    return await meta.takesGrammar(options.meta, {
      budget: ledger.remaining,
      deadlineAt,
      signal,
      onUsage: (used) => {
        usage = used;
      },
    });
  } finally {
    if (usage.modelCalls > 0) {
      ledger.add(usage);
      const value = { usage, error: '', fromMemo: false, memo: undefined };
      context.emit(round, { $case: 'metaRequestFinished', value });
    }
  }
}

function metaOf({ ports: { meta } }: SolveContext): MetaModel {
  if (meta !== undefined) return meta;
  throw new FlowError('FAILED_PRECONDITION', 'META_MODEL_MISSING', 'This server has no meta model.');
}

function entry(key: string, answer: MetaAnswer): MemoEntry {
  return { key, response: Buffer.from(JSON.stringify(answer)) };
}

function answerOf(memo: MemoEntry | undefined): MetaAnswer | undefined {
  if (memo === undefined) return undefined;
  const { text, reasoning, cut } = JSON.parse(memo.response.toString()) as MetaAnswer;
  return { text, reasoning, cut };
}
