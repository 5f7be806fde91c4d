import type { CompletionRequest } from './completion.js';
import type { GrammarStyle, ModelEndpoint } from './endpoint.js';

/** What the body depends on besides the request. */
export interface BodyOptions {
  readonly endpoint: ModelEndpoint;
  readonly model: string;
  /** Samples that this one request draws. */
  readonly samples: number;
  /** Of the first of these samples. */
  readonly seed: number | undefined;
  /** Undefined where the request has no grammar. */
  readonly grammarStyle: GrammarStyle | undefined;
  /** Whether vLLM's flags are needed to go on with a begun answer. */
  readonly continueFlags: boolean;
}

/** The body of a streamed chat completion request. */
export function chatBody(request: CompletionRequest, options: BodyOptions): Record<string, unknown> {
  const { endpoint, samples, seed } = options;
  return {
    model: options.model,
    messages: request.messages.map(({ role, content }) => ({ role, content: content.toWellFormed() })),
    stream: true,
    stream_options: { include_usage: true },
    [maxTokensField(endpoint)]: request.maxTokens,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.topP === undefined ? {} : { top_p: request.topP }),
    ...(seed === undefined ? {} : { seed }),
    ...(request.stop === undefined || request.stop.length === 0 ? {} : { stop: request.stop }),
    ...(samples === 1 ? {} : { n: samples }),
    ...grammarFields(options.grammarStyle, request.grammar),
    ...(request.jsonSchema === undefined
      ? {}
      : { response_format: { type: 'json_schema', json_schema: { ...request.jsonSchema, strict: true } } }),
    ...(options.continueFlags ? { continue_final_message: true, add_generation_prompt: false } : {}),
  };
}

/** Whether the last message is an answer that the caller has begun. */
export function begunAnswer(request: Pick<CompletionRequest, 'messages'>): string | undefined {
  const last = request.messages.at(-1);
  return last?.role === 'assistant' ? last.content : undefined;
}

function grammarFields(
  style: GrammarStyle | undefined,
  grammar: string | undefined,
): Record<string, unknown> {
  if (grammar === undefined || style === undefined || style === 'none') return {};
  return style === 'grammar' ? { grammar } : { structured_outputs: { grammar } };
}

function maxTokensField(endpoint: ModelEndpoint): string {
  if (endpoint.maxTokensField !== 'auto') return endpoint.maxTokensField;
  return new URL(endpoint.baseUrl).hostname === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens';
}
