import type { FinishReason } from '../generation.js';
import type { SampleEvent } from '../pool/worker-pool.js';

/** Tokens of a request. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  /** Prompt tokens that were in a worker's context already. */
  readonly prompt_tokens_details: { readonly cached_tokens: number };
}

/** What all parts of one answer have in common. */
export interface AnswerHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
}

/** Adds up a request's tokens. A prompt counts once, however many samples are drawn from it. */
class UsageMeter {
  private promptTokens = 0;
  private cachedTokens: number | undefined;
  private completionTokens = 0;

  /** Takes account of an event. */
  add({ event }: SampleEvent): void {
    if (event.type === 'started') {
      this.promptTokens = event.promptTokens;
      this.cachedTokens ??= event.cachedTokens;
    } else if (event.type === 'done') {
      this.completionTokens += event.completionTokens;
    }
  }

  /** The sum so far. */
  get usage(): Usage {
    return {
      prompt_tokens: this.promptTokens,
      completion_tokens: this.completionTokens,
      total_tokens: this.promptTokens + this.completionTokens,
      prompt_tokens_details: { cached_tokens: this.cachedTokens ?? 0 },
    };
  }
}

interface Choice {
  content: string;
  finishReason: FinishReason;
}

/** Collects a whole answer and puts it into the shape of `chat.completion`. */
export async function collectAnswer(head: AnswerHead, events: AsyncIterable<SampleEvent>): Promise<object> {
  const choices: Choice[] = [];
  const meter = new UsageMeter();
  for await (const item of events) {
    meter.add(item);
    const choice = (choices[item.sample] ??= { content: '', finishReason: 'stop' });
    if (item.event.type === 'text') choice.content += item.event.text;
    if (item.event.type === 'done') choice.finishReason = item.event.finishReason;
  }
  return {
    id: head.id,
    object: 'chat.completion',
    created: head.created,
    model: head.model,
    choices: choices.map((choice, index) => ({
      index,
      message: { role: 'assistant', content: choice.content, refusal: null },
      logprobs: null,
      finish_reason: choice.finishReason,
    })),
    usage: meter.usage,
  };
}

/** Turns an answer's events into the objects of `chat.completion.chunk`. */
export async function* answerChunks(
  head: AnswerHead,
  events: AsyncIterable<SampleEvent>,
  includeUsage: boolean,
): AsyncGenerator<object, void, undefined> {
  const meter = new UsageMeter();
  const chunk = (choices: readonly object[], usage: Usage | null): object => ({
    id: head.id,
    object: 'chat.completion.chunk',
    created: head.created,
    model: head.model,
    choices,
    ...(includeUsage && { usage }),
  });
  const choice = (index: number, delta: object, finishReason: FinishReason | null): object =>
    chunk([{ index, delta, logprobs: null, finish_reason: finishReason }], null);
  for await (const item of events) {
    meter.add(item);
    if (item.event.type === 'started') yield choice(item.sample, { role: 'assistant', content: '' }, null);
    else if (item.event.type === 'text') yield choice(item.sample, { content: item.event.text }, null);
    else yield choice(item.sample, {}, item.event.finishReason);
  }
  if (includeUsage) yield chunk([], meter.usage);
}
