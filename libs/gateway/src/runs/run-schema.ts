import { z } from '@hono/zod-openapi';
import { FeedbackSource, RunState, RunStatus, StopReason } from '@flowreasoner/contracts/metaagent';
import { answerChecksSchema } from './answer-checks.js';
import {
  budgetSchema,
  checksSchema,
  deadlineSchema,
  entryPointSchema,
  kindSchema,
  maxRoundsSchema,
  orNull,
  seedSchema,
} from './task-schema.js';

/** An enum of the contract as lower-case words without their prefix. */
const words = (values: object, prefix: string): z.ZodEnum<Record<string, string>> =>
  z.enum(
    Object.keys(values)
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length).toLowerCase()),
  );

const uint32 = z.int().min(0).max(4_294_967_295);
const name = z.string().min(1).max(256);
const model = z.strictObject({ endpoint: name.optional(), model: name.optional() }).openapi('ModelRef');
const chosenModel = z
  .object({ endpoint: z.string(), model: z.string() })
  .openapi({ description: 'empty: the server chooses' });
// Control characters belong into no identifier.
const identifier = z.string().regex(/^[^\u0000-\u001f\u007f]*$/, 'must not have control characters');

const task = z.strictObject({
  id: identifier.max(200).optional().openapi({ description: 'an identifier of your own' }),
  kind: kindSchema.optional().openapi({ description: 'what is asked for; default: found out' }),
  problem: z.string().min(1).openapi({ description: 'the query, at most 256 KiB of UTF-8' }),
  context: z
    .string()
    .optional()
    .openapi({ description: 'what the query was asked in, shown to models before it; at most 256 KiB' }),
  entry_point: entryPointSchema.optional(),
  visible_checks: checksSchema.optional(),
  answer_checks: answerChecksSchema.optional(),
  reward_task: identifier
    .max(256)
    .optional()
    .openapi({ description: 'handle of the task in the reward service, by which the answer is scored' }),
});

const options = z.strictObject({
  policy: identifier
    .min(1)
    .max(64)
    .optional()
    .openapi({ description: '`llm`, `search` or `fixed:<name>`', example: 'search' }),
  meta: model.optional().openapi({ description: 'model that designs workflows' }),
  worker: model.optional().openapi({ description: 'model that operators call' }),
  max_rounds: maxRoundsSchema.optional(),
  validation_runs: z.int().min(1).max(5).optional(),
  max_repairs: z.int().min(0).max(5).optional(),
  budget: budgetSchema.optional(),
  deadline_ms: deadlineSchema.optional(),
  seed: seedSchema.optional(),
  mode: z.enum(['standard', 'compatible']).optional(),
});

/** Body that creates a run. */
export const createRunSchema = z
  .strictObject({ task, options: options.optional() })
  .openapi('CreateRunRequest');

/** See {@link createRunSchema}. */
export type CreateRunBody = z.output<typeof createRunSchema>;

const usage = z
  .object({
    model_calls: uint32,
    prompt_tokens: uint32,
    completion_tokens: uint32,
    cost_usd: z.number().nullable().openapi({ description: 'null where a price is not known' }),
    sandbox_ms: uint32,
  })
  .openapi('RunUsage');

const checkCount = z.object({ passed: uint32, total: uint32 });

const result = z
  .object({
    status: words(RunStatus, 'RUN_STATUS_'),
    answer: z.string(),
    workflow: z.string().openapi({ description: 'source of the workflow that gave the answer' }),
    best_round: uint32,
    rounds: uint32,
    visible: checkCount.nullable(),
    feedback_source: words(FeedbackSource, 'FEEDBACK_SOURCE_'),
    stop_reason: words(StopReason, 'STOP_REASON_'),
    hidden: checkCount.extend({ reward: z.number() }).nullable(),
    duration_ms: uint32,
    usage,
    message: z.string().nullable(),
    reason: z.string().nullable(),
    hint: z.string().nullable(),
  })
  .openapi('RunResult');

/** A run. */
export const runSchema = z
  .object({
    id: z.string(),
    name: z.string().openapi({ description: 'its name in the gRPC interface, runs/<id>' }),
    state: words(RunState, 'RUN_STATE_'),
    task: z.object({
      id: z.string(),
      kind: kindSchema.nullable(),
      problem: z.string(),
      context: z.string(),
      entry_point: z.string(),
      visible_checks: orNull(checksSchema).openapi({
        description: 'null: none, or in a form that only the gRPC interface has',
      }),
      reward_task: z.string(),
    }),
    options: z.object({
      policy: z.string(),
      meta: chosenModel,
      worker: chosenModel,
      max_rounds: uint32,
      validation_runs: uint32,
      max_repairs: uint32,
      budget: budgetSchema,
      deadline_ms: uint32,
      seed: uint32,
      mode: z.enum(['standard', 'compatible']),
    }),
    result: orNull(result).openapi({ description: 'null until the run has ended' }),
    usage,
    rounds: uint32,
    create_time: z.iso.datetime(),
    end_time: z.iso.datetime().nullable(),
    last_sequence: z.int().openapi({ description: 'sequence number of its last event' }),
  })
  .openapi('Run');

/** See {@link runSchema}. */
export type RunJson = z.infer<typeof runSchema>;

/** A page of runs. */
export const runListSchema = z
  .object({
    runs: z.array(runSchema).openapi({
      description: 'newest first; their tasks have no checks and at most 1,000 characters of the problem',
    }),
    next_page_token: z.string().openapi({ description: 'empty on the last page' }),
  })
  .openapi('RunList');

/** Query of a list of runs. */
export const listRunsQuery = z.strictObject({
  page_size: z.coerce.number().int().min(1).max(200).optional(),
  page_token: z.string().max(1_024).optional(),
  state: z.enum(['queued', 'running', 'finished']).optional(),
});

/** Query of a stream of events. */
export const watchRunQuery = z.strictObject({
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional().openapi({
    description: 'only events with a greater sequence number; the header Last-Event-ID comes first',
  }),
  tokens: z
    .enum(['true', 'false'])
    .optional()
    .openapi({ description: 'whether completion text is streamed too, as events without an id' }),
});
