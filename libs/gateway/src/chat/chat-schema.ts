import { z } from '@hono/zod-openapi';
import { answerChecksSchema } from '../runs/answer-checks.js';
import {
  budgetSchema,
  checksSchema,
  deadlineSchema,
  entryPointSchema,
  kindSchema,
  maxRoundsSchema,
  orNull,
} from '../runs/task-schema.js';

/** Most messages of a conversation. */
const maxMessages = 1_024;
/** Most stop strings, and the longest in characters. */
const maxStops = 16;
const maxStopLength = 256;

/**
 * A field that is taken where it asks for nothing, because clients send it by habit, and refused
 * where it asks for something: to ignore it then would be to answer another question.
 */
const onlyNoOp = (why: string, ...values: readonly (string | number | boolean)[]) =>
  z
    .custom<unknown>(
      (value) =>
        value === null ||
        values.includes(value as string) ||
        (Array.isArray(value) && value.length === 0) ||
        (typeof value === 'object' && value !== null && Object.keys(value).length === 0),
      { message: `this server does not support it: ${why}` },
    )
    .optional()
    .openapi({ description: `only without effect: ${why}`, type: 'null' });

/** A field that is taken and changes nothing about the answer. */
const label = (schema: z.ZodType, why: string) =>
  schema.nullish().openapi({ description: `no effect: ${why}` });

const textPart = z.strictObject({
  type: z.literal('text', { message: 'only text is supported' }),
  text: z.string(),
});

const message = z
  .strictObject({
    role: z.enum(['system', 'developer', 'user', 'assistant'], {
      message: 'must be system, developer, user or assistant',
    }),
    content: z.union([z.string(), z.array(textPart).max(maxMessages)], { message: 'must be text' }).nullish(),
    name: label(z.string(), 'the role says enough'),
    refusal: label(z.string(), 'earlier turns are context'),
    reasoning_content: label(z.string(), 'earlier reasoning is not shown to models'),
    annotations: label(z.array(z.unknown()), 'earlier turns are context'),
    tool_calls: onlyNoOp('there are no tools'),
    function_call: onlyNoOp('there are no functions'),
    audio: onlyNoOp('only text is supported'),
  })
  .openapi('ChatMessage');

const extension = z
  .strictObject({
    kind: kindSchema.optional().openapi({ description: 'what is asked for; default: found out' }),
    entry_point: entryPointSchema.optional(),
    visible_checks: checksSchema.optional(),
    answer_checks: answerChecksSchema.optional(),
    budget: budgetSchema.optional(),
    max_rounds: maxRoundsSchema.optional(),
    deadline_ms: deadlineSchema.optional().openapi({ description: 'wall-clock time; default 600,000' }),
  })
  .openapi('FlowReasonerOptions', { description: 'what only FlowReasoner understands' });

const stopString = z.string().min(1).max(maxStopLength);
const tokenLimit = z.int().min(1).max(10_000_000).nullish().openapi({
  description: 'longest answer, counted as four bytes of UTF-8 a token; finish_reason is then `length`',
});
const tokenLabel = 'every operator of a workflow samples as it needs to';

/** A request for a chat completion. */
export const chatRequestSchema = z
  .strictObject({
    model: z.string().min(1).max(200).openapi({
      description: '`flowreasoner`, `flowreasoner-fast` or `flowreasoner-<policy>`',
      pattern: '^flowreasoner(-[a-z0-9][a-z0-9_-]{0,63})?$',
      example: 'flowreasoner',
    }),
    messages: z
      .array(message)
      .min(1)
      .max(maxMessages)
      .openapi({
        description: 'the last one is a turn of the user and holds the query',
        example: [{ role: 'user', content: 'Write a Python function is_even(n).' }],
      }),
    flowreasoner: orNull(extension).optional(),
    stream: z.boolean().nullish(),
    stream_options: z
      .strictObject({ include_usage: z.boolean().nullish(), include_obfuscation: z.boolean().nullish() })
      .nullish(),
    max_tokens: tokenLimit,
    max_completion_tokens: tokenLimit,
    stop: z.union([stopString, z.array(stopString).max(maxStops)]).nullish(),
    seed: z.int().nullish().openapi({ description: 'seed of everything random; its lowest 32 bits count' }),
    n: z.literal(1, { message: 'must be 1: a run has one answer' }).nullish(),
    temperature: label(z.number().min(0).max(2), tokenLabel),
    top_p: label(z.number().min(0).max(1), tokenLabel),
    user: label(z.string(), 'the API key says who asks'),
    safety_identifier: label(z.string(), 'the API key says who asks'),
    prompt_cache_key: label(z.string(), 'nothing is cached by it'),
    metadata: label(z.record(z.string(), z.string()), 'it is not stored'),
    service_tier: label(z.enum(['auto', 'default']), 'there is one tier'),
    parallel_tool_calls: label(z.boolean(), 'there are no tools'),
    store: onlyNoOp('runs are kept and deleted by their own rules', false),
    frequency_penalty: onlyNoOp(tokenLabel, 0),
    presence_penalty: onlyNoOp(tokenLabel, 0),
    logit_bias: onlyNoOp(tokenLabel),
    logprobs: onlyNoOp('an answer has no probabilities', false),
    top_logprobs: onlyNoOp('an answer has no probabilities', 0),
    response_format: z
      .strictObject({ type: z.literal('text', { message: 'only text is supported' }) })
      .nullish(),
    modalities: z.array(z.literal('text', { message: 'only text is supported' })).nullish(),
    audio: onlyNoOp('only text is supported'),
    tools: onlyNoOp('there are no tools'),
    tool_choice: onlyNoOp('there are no tools', 'none', 'auto'),
    functions: onlyNoOp('there are no functions'),
    function_call: onlyNoOp('there are no functions', 'none', 'auto'),
  })
  .openapi('ChatCompletionRequest');

/** See {@link chatRequestSchema}. */
export type ChatRequest = z.output<typeof chatRequestSchema>;

const count = z.int().min(0);
const share = z.object({
  model_calls: count,
  prompt_tokens: count,
  completion_tokens: count,
  cost_usd: z.number().nullable().openapi({ description: 'null where a price is not known' }),
});

/** Tokens of all models together; `flowreasoner` tells more. */
export const usageSchema = z
  .object({
    prompt_tokens: count,
    completion_tokens: count,
    total_tokens: count,
    flowreasoner: share.pick({ model_calls: true, cost_usd: true }).extend({
      sandbox_ms: count,
      meta: share.openapi({ description: 'models that design' }),
      worker: share.openapi({ description: 'models that operators and evaluation call' }),
    }),
  })
  .openapi('Usage');

/** How the run ended that gave the answer. */
export const outcomeSchema = z
  .object({
    run: z.string().openapi({ description: 'its name, such as runs/0199…' }),
    status: z.string().openapi({ description: 'solved, unsolved, budget, deadline, …' }),
    stop_reason: z.string(),
    feedback_source: z.string().openapi({ description: 'what the answer was judged by' }),
    visible: z.object({ passed: count, total: count }).nullable(),
    best_round: count,
    rounds: count,
    duration_ms: count,
  })
  .openapi('Outcome');

/** Why the text ends. */
export const finishReasonSchema = z.enum(['stop', 'length']);

const head = { id: z.string(), created: z.int(), model: z.string() };

/** A chat completion. */
export const chatCompletionSchema = z
  .object({
    ...head,
    object: z.literal('chat.completion'),
    choices: z.array(
      z.object({
        index: z.literal(0),
        message: z.object({
          role: z.literal('assistant'),
          content: z.string(),
          reasoning_content: z.string(),
          refusal: z.null(),
        }),
        logprobs: z.null(),
        finish_reason: finishReasonSchema,
      }),
    ),
    usage: usageSchema,
    flowreasoner: outcomeSchema,
  })
  .openapi('ChatCompletion');

/** One event of a streamed chat completion. */
export const chatChunkSchema = z
  .object({
    ...head,
    object: z.literal('chat.completion.chunk'),
    choices: z.array(
      z.object({
        index: z.literal(0),
        delta: z.object({
          role: z.literal('assistant').optional(),
          content: z.string().optional(),
          reasoning_content: z.string().optional(),
        }),
        logprobs: z.null(),
        finish_reason: finishReasonSchema.nullable(),
      }),
    ),
    usage: orNull(usageSchema).optional(),
    flowreasoner: outcomeSchema.optional(),
  })
  .openapi('ChatCompletionChunk');
