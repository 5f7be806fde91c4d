import type { ScriptedAnswer, ScriptedUsage } from './scripted-reply.js';

/** The fields of a chat completion request that the scripted server acts on. */
export interface ChatBody {
  readonly model?: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly n?: number;
  readonly stop?: string | readonly string[];
  readonly seed?: number;
  readonly temperature?: number;
  readonly grammar?: string;
  readonly structured_outputs?: { readonly grammar?: string };
  readonly response_format?: unknown;
  readonly [field: string]: unknown;
}

interface Sample {
  readonly reasoning: readonly string[];
  readonly text: readonly string[];
  readonly finishReason: string | null;
}

/** One answer as it goes over the wire: for a stream, or in one piece. */
export interface WireAnswer {
  /** The payloads of the `data:` lines, without the closing `[DONE]`. */
  readonly chunks: readonly object[];
  readonly body: object;
}

/** The scripted server's tokens: pieces of four characters. */
export function tokensOf(text: string): string[] {
  return text.match(/[\s\S]{1,4}/gu) ?? [];
}

/** Puts a scripted answer into the shape of the chat completions protocol, for this request. */
export function encodeAnswer(
  reply: ScriptedAnswer,
  body: ChatBody,
  id: string,
  createdS: number,
): WireAnswer {
  const count = reply.ignoreN === true ? 1 : (body.n ?? 1);
  const samples = Array.from({ length: count }, (_, index) => sampleOf(reply, body, index));
  const usage = usageOf(reply, body, samples);
  const head = { id, created: createdS, model: body.model ?? 'scripted', system_fingerprint: 'scripted' };
  return {
    chunks: chunksOf(reply, body, samples, usage, { ...head, object: 'chat.completion.chunk' }),
    body: {
      ...head,
      object: 'chat.completion',
      choices: samples.map((sample, index) => ({
        index,
        message: { role: 'assistant', ...messageOf(reply, sample) },
        finish_reason: sample.finishReason,
      })),
      ...(usage === undefined ? {} : { usage }),
    },
  };
}

function sampleOf(reply: ScriptedAnswer, body: ChatBody, index: number): Sample {
  const texts = typeof reply.text === 'string' ? [reply.text] : reply.text;
  const whole = texts[Math.min(index, texts.length - 1)] ?? '';
  const reasoning = tokensOf(reply.reasoning ?? '');
  const text = tokensOf(cutAtStop(whole, body.stop));
  const limit = body.max_completion_tokens ?? body.max_tokens;
  const cut = reply.ignoreMaxTokens !== true && limit !== undefined && reasoning.length + text.length > limit;
  return {
    reasoning: cut ? reasoning.slice(0, limit) : reasoning,
    text: cut ? text.slice(0, Math.max(0, limit - reasoning.length)) : text,
    finishReason: reply.finishReason === undefined ? (cut ? 'length' : 'stop') : reply.finishReason,
  };
}

function cutAtStop(text: string, stop: ChatBody['stop']): string {
  const stops = stop === undefined ? [] : typeof stop === 'string' ? [stop] : stop;
  const ends = stops.map((word) => text.indexOf(word)).filter((at) => at >= 0);
  return text.slice(0, Math.min(text.length, ...ends));
}

function usageOf(reply: ScriptedAnswer, body: ChatBody, samples: readonly Sample[]): object | undefined {
  if (reply.usage === 'none') return undefined;
  const used: ScriptedUsage = reply.usage ?? {
    promptTokens: body.messages.reduce((sum, message) => sum + tokensOf(String(message.content)).length, 0),
    completionTokens: samples.reduce((sum, sample) => sum + sample.reasoning.length + sample.text.length, 0),
  };
  return {
    prompt_tokens: used.promptTokens,
    completion_tokens: used.completionTokens,
    total_tokens: used.promptTokens + used.completionTokens,
  };
}

function messageOf(reply: ScriptedAnswer, sample: Sample): object {
  const text = sample.text.join('');
  const reasoning = sample.reasoning.join('');
  if (reasoning === '') return { content: text };
  switch (reply.reasoningAs ?? 'reasoning_content') {
    case 'think':
      return { content: `<think>\n${reasoning}\n</think>\n\n${text}` };
    case 'think_unopened':
      return { content: `${reasoning}\n</think>\n\n${text}` };
    case 'reasoning':
      return { content: text, reasoning };
    case 'reasoning_content':
      return { content: text, reasoning_content: reasoning };
  }
}

function chunksOf(
  reply: ScriptedAnswer,
  body: ChatBody,
  samples: readonly Sample[],
  usage: object | undefined,
  head: object,
): object[] {
  const includeUsage = body.stream_options?.include_usage === true && usage !== undefined;
  const chunk = (choices: object[], used: object | null = null): object => ({
    ...head,
    choices,
    ...(includeUsage ? { usage: used } : {}),
  });
  const perSample = samples.map((sample, index) => [
    chunk([{ index, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
    ...deltasOf(reply, sample).map((delta) => chunk([{ index, delta, finish_reason: null }])),
    ...(sample.finishReason === null
      ? []
      : [chunk([{ index, delta: {}, finish_reason: sample.finishReason }])]),
  ]);
  return [...interleave(perSample), ...(includeUsage ? [chunk([], usage)] : [])];
}

function deltasOf(reply: ScriptedAnswer, sample: Sample): object[] {
  const field = reply.reasoningAs ?? 'reasoning_content';
  const message = messageOf(reply, sample) as { content: string };
  if (field === 'think' || field === 'think_unopened') {
    return tokensOf(message.content).map((content) => ({ content }));
  }
  return [
    ...sample.reasoning.map((piece) => ({ [field]: piece })),
    ...sample.text.map((content) => ({ content })),
  ];
}

function interleave<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
}
