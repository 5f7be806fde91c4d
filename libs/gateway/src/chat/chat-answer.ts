import type { z } from '@hono/zod-openapi';
import {
  FeedbackSource,
  RunStatus,
  StopReason,
  type RunEvent,
  type RunResult,
} from '@flowreasoner/contracts/metaagent';
import { FlowError } from '@flowreasoner/rpc';
import { enumWord } from '../words.js';
import type { chatChunkSchema, chatCompletionSchema, outcomeSchema } from './chat-schema.js';
import { cutAnswer, type AnswerLimits } from './cut-answer.js';
import { reasoningText } from './reasoning-text.js';
import { UsageMeter } from './usage-meter.js';

type Completion = z.infer<typeof chatCompletionSchema>;
type Chunk = z.infer<typeof chatChunkSchema>;
type Choice = Chunk['choices'][number];

/** What is known of an answer before it is there. */
export interface AnswerHead {
  /** The model that was asked for. */
  readonly model: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly limits: AnswerLimits;
}

/**
 * Collects a run's events to a chat completion.
 *
 * @throws FlowError when the run ended without an answer through a fault
 */
export async function collectAnswer(head: AnswerHead, events: AsyncIterable<RunEvent>): Promise<Completion> {
  const meter = new UsageMeter();
  let reasoning = '';
  for await (const event of events) {
    meter.add(event);
    reasoning += reasoningText(event) ?? '';
    if (event.event?.$case !== 'runFinished') continue;
    const result = answered(event.event.value.result);
    const { text, finishReason } = cutAnswer(result.answer, head.limits);
    const message = {
      role: 'assistant',
      content: text,
      reasoning_content: reasoning,
      refusal: null,
    } as const;
    return {
      id: idOf(event.run),
      object: 'chat.completion',
      created: head.created,
      model: head.model,
      choices: [{ index: 0, message, logprobs: null, finish_reason: finishOf(result, finishReason) }],
      usage: meter.total(result),
      flowreasoner: outcomeOf(event.run, result),
    };
  }
  throw endless();
}

/**
 * Turns a run's events into the objects of a streamed chat completion.
 *
 * @throws FlowError as {@link collectAnswer}
 */
export async function* answerChunks(
  head: AnswerHead,
  events: AsyncIterable<RunEvent>,
  includeUsage: boolean,
): AsyncGenerator<Chunk, void, undefined> {
  const meter = new UsageMeter();
  let run = '';
  const chunk = (choices: Choice[], rest: Pick<Chunk, 'usage' | 'flowreasoner'> = {}): Chunk => ({
    id: idOf(run),
    object: 'chat.completion.chunk',
    created: head.created,
    model: head.model,
    choices,
    ...(includeUsage ? { usage: null } : {}),
    ...rest,
  });
  const delta = (fields: Choice['delta'], finish: Choice['finish_reason'] = null): Choice[] => [
    { index: 0, delta: fields, logprobs: null, finish_reason: finish },
  ];
  for await (const event of events) {
    if (run === '') {
      run = event.run;
      yield chunk(delta({ role: 'assistant', content: '' }));
    }
    meter.add(event);
    const reasoning = reasoningText(event);
    if (reasoning !== undefined) yield chunk(delta({ reasoning_content: reasoning }));
    if (event.event?.$case !== 'runFinished') continue;
    const result = answered(event.event.value.result);
    const { text, finishReason } = cutAnswer(result.answer, head.limits);
    if (text !== '') yield chunk(delta({ content: text }));
    yield chunk(delta({}, finishOf(result, finishReason)), { flowreasoner: outcomeOf(run, result) });
    if (includeUsage) yield chunk([], { usage: meter.total(result) });
    return;
  }
  throw endless();
}

/** A run that a fault ended has an answer only if it found one before. */
function answered(result: RunResult | undefined): RunResult {
  if (result === undefined) throw endless();
  const code = faults[result.status];
  if (code === undefined || result.answer !== '') return result;
  const { reason, message, hint } = result;
  throw new FlowError(code, reason || code, message || 'The run ended without an answer.', {
    ...(hint === '' ? {} : { hint }),
  });
}

const faults: Partial<Record<RunStatus, 'CANCELLED' | 'UNAVAILABLE' | 'INTERNAL'>> = {
  [RunStatus.RUN_STATUS_CANCELLED]: 'CANCELLED',
  [RunStatus.RUN_STATUS_UNAVAILABLE]: 'UNAVAILABLE',
  [RunStatus.RUN_STATUS_FAILED]: 'INTERNAL',
};

/** Without an answer it was a limit that ended the text. */
function finishOf({ answer }: RunResult, cut: 'stop' | 'length'): 'stop' | 'length' {
  return answer === '' ? 'length' : cut;
}

function outcomeOf(run: string, result: RunResult): z.infer<typeof outcomeSchema> {
  return {
    run,
    status: enumWord(RunStatus[result.status], 'RUN_STATUS_'),
    stop_reason: enumWord(StopReason[result.stopReason], 'STOP_REASON_'),
    feedback_source: enumWord(FeedbackSource[result.feedbackSource], 'FEEDBACK_SOURCE_'),
    visible: result.visible ?? null,
    best_round: result.bestRound,
    rounds: result.rounds,
    duration_ms: result.durationMs,
  };
}

function idOf(run: string): string {
  return `chatcmpl-${run.replace(/^runs\//, '')}`;
}

function endless(): FlowError {
  return new FlowError('UNAVAILABLE', 'RUN_LOST', 'The run went out of sight before it had ended.');
}
