import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { FlowError } from '@flowreasoner/rpc';
import type { ChatMessage, Constraint } from '../generation.js';
import type { SampleRequest } from '../pool/worker-pool.js';
import { findUnsupportedInSchema } from './json-schema.js';
import { MAX_GRAMMAR_LENGTH, MAX_MESSAGES, MAX_SAMPLES, MAX_STOP_LENGTH, MAX_STOPS } from './limits.js';

/** A valid request for a chat completion. */
export interface ChatRequest {
  readonly model: string;
  readonly stream: boolean;
  /** Whether a stream ends with a chunk of usage. */
  readonly includeUsage: boolean;
  readonly generation: SampleRequest;
}

/** llama.cpp's own default; without it the tail of the vocabulary costs a quarter of the speed. */
const DEFAULT_TOP_K = 40;

/** A field that is taken where it asks for nothing, because clients send it by habit. */
const onlyNoOp = (...values: readonly (string | number | boolean)[]) =>
  z
    .custom<unknown>(
      (value) =>
        value === null ||
        values.includes(value as string) ||
        (Array.isArray(value) && value.length === 0) ||
        (typeof value === 'object' && Object.keys(value as object).length === 0),
      { message: 'This server does not support this field' },
    )
    .optional();

const textPart = z.strictObject({
  type: z.literal('text', { message: 'Only text is supported' }),
  text: z.string(),
});

const message = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant'], {
    message: 'The role must be system, developer, user or assistant',
  }),
  content: z.union([z.string(), z.array(z.unknown())], { message: 'The content must be text' }),
  name: onlyNoOp(),
  refusal: onlyNoOp(),
  tool_calls: onlyNoOp(),
  function_call: onlyNoOp(),
  audio: onlyNoOp(),
});

const responseFormat = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('text') }),
    z.strictObject({ type: z.literal('json_object') }),
    z.strictObject({
      type: z.literal('json_schema'),
      json_schema: z.strictObject({
        name: z.string().optional(),
        description: z.string().optional(),
        strict: z.boolean().nullish(),
        schema: z.record(z.string(), z.unknown()),
      }),
    }),
  ],
  { message: 'The type must be text, json_object or json_schema' },
);

const stopString = z.string().min(1).max(MAX_STOP_LENGTH);
const count = z.int().min(1);

const schema = z.strictObject({
  model: z.string(),
  messages: z.array(message).min(1).max(MAX_MESSAGES),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).nullish(),
  n: count.max(MAX_SAMPLES).nullish(),
  seed: z.int().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  top_k: z.int().min(-1).max(1_000_000).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  max_tokens: count.nullish(),
  max_completion_tokens: count.nullish(),
  stop: z.union([stopString, z.array(stopString).max(MAX_STOPS)]).nullish(),
  grammar: z.string().min(1).max(MAX_GRAMMAR_LENGTH).nullish(),
  response_format: responseFormat.nullish(),
  // vLLM's way to say that the last message is to be continued; here it always is.
  continue_final_message: z.boolean().nullish(),
  add_generation_prompt: z.boolean().nullish(),
  // Labels that change nothing about the answer.
  user: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  frequency_penalty: onlyNoOp(0),
  presence_penalty: onlyNoOp(0),
  logprobs: onlyNoOp(false),
  logit_bias: onlyNoOp(),
  tools: onlyNoOp(),
  tool_choice: onlyNoOp('none'),
  functions: onlyNoOp(),
  store: onlyNoOp(false),
});

/**
 * Reads the body of a chat completion request.
 *
 * @param body the parsed JSON
 * @throws FlowError INVALID_ARGUMENT with the field's name: `INVALID_FIELD` or `UNSUPPORTED_FIELD`
 */
export function parseChatRequest(body: unknown): ChatRequest {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw firstIssue(parsed.error.issues);
  const request = parsed.data;
  if (request.max_tokens != null && request.max_completion_tokens != null) {
    throw invalid('max_tokens', 'Give max_tokens or max_completion_tokens, not both');
  }
  const messages = request.messages.map((item, index) => plainMessage(item.role, item.content, index));
  const continued = messages.at(-1)?.role === 'assistant';
  if ((request.continue_final_message ?? continued) !== continued) {
    throw invalid(
      'continue_final_message',
      'The last message is continued if, and only if, its role is assistant',
    );
  }
  if ((request.add_generation_prompt ?? !continued) === continued) {
    throw invalid('add_generation_prompt', 'An answer is begun if, and only if, the last message is not one');
  }
  return {
    model: request.model,
    stream: request.stream ?? false,
    includeUsage: request.stream_options?.include_usage ?? false,
    generation: {
      seed: request.seed ?? randomInt(2 ** 32),
      samples: request.n ?? 1,
      job: {
        messages,
        maxTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
        temperature: request.temperature ?? 1,
        topP: request.top_p ?? 1,
        topK: Math.max(0, request.top_k ?? DEFAULT_TOP_K),
        minP: request.min_p ?? 0,
        stop: request.stop == null ? [] : [request.stop].flat(),
        constraint: constraintOf(request.grammar, request.response_format),
      },
    },
  };
}

function plainMessage(role: ChatMessage['role'] | 'developer', content: unknown, index: number): ChatMessage {
  const plainRole = role === 'developer' ? 'system' : role;
  if (typeof content === 'string') return { role: plainRole, content };
  const parts = z.array(textPart).safeParse(content);
  if (!parts.success) throw firstIssue(parts.error.issues, ['messages', index, 'content']);
  return { role: plainRole, content: parts.data.map((part) => part.text).join('') };
}

function constraintOf(
  grammar: string | null | undefined,
  format: z.infer<typeof responseFormat> | null | undefined,
): Constraint | undefined {
  if (format == null || format.type === 'text') {
    return grammar == null ? undefined : { kind: 'grammar', grammar };
  }
  if (grammar != null) throw invalid('grammar', 'Give grammar or response_format, not both');
  if (format.type === 'json_object') return { kind: 'json' };
  const found = findUnsupportedInSchema(format.json_schema.schema, 'response_format.json_schema.schema');
  if (found) throw invalid(found.path, found.message);
  return { kind: 'json_schema', schema: format.json_schema.schema };
}

function firstIssue(issues: readonly z.core.$ZodIssue[], under: readonly PropertyKey[] = []): FlowError {
  const issue = issues[0];
  if (issue === undefined) return invalid('', 'The request is not valid');
  const path = [...under, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const field = fieldName([...path, ...issue.keys.slice(0, 1)]);
    return invalid(field, 'This server does not support this field', 'UNSUPPORTED_FIELD');
  }
  const unsupported = issue.code === 'custom';
  return invalid(fieldName(path), issue.message, unsupported ? 'UNSUPPORTED_FIELD' : 'INVALID_FIELD');
}

/** Such as `messages[0].content`. */
function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, key) =>
      typeof key === 'number' ? `${name}[${key}]` : name === '' ? String(key) : `${name}.${String(key)}`,
    '',
  );
}

function invalid(field: string, description: string, reason = 'INVALID_FIELD'): FlowError {
  const sentence = description.endsWith('.') ? description : `${description}.`;
  return new FlowError('INVALID_ARGUMENT', reason, field === '' ? sentence : `${field}: ${sentence}`, {
    fieldViolations: [{ field, description: sentence }],
  });
}
