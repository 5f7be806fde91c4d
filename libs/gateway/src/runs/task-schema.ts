import { z } from '@hono/zod-openapi';
import { TaskKind } from '@flowreasoner/contracts/metaagent';
import { Integrity, WhitespaceRule, type Suite } from '@flowreasoner/contracts/sandbox';
import type { Budget } from '@flowreasoner/contracts/workflow';

const uint32 = z.int().min(0).max(4_294_967_295);
/**
 * A schema with a name, or null. `nullable()` would be lost: the OpenAPI document refers to the name
 * alone.
 */
export const orNull = <S extends z.ZodType>(schema: S) => z.union([schema, z.null()]);

const positive = z.int().min(1).max(4_294_967_295);

/** What kind of answer a task wants. */
export const kindSchema = z.enum(['code', 'math', 'question']);

/** Tests that models may see: single asserts in Python, or inputs with the output that is expected. */
export const checksSchema = z
  .union([
    z.array(z.string().min(1)).max(1_000),
    z.array(z.strictObject({ stdin: z.string(), stdout: z.string() })).max(1_000),
  ])
  .openapi('VisibleChecks', {
    description: 'single `assert …` statements, or inputs on stdin with the expected output',
    example: ['assert double(2) == 4'],
  });

/** What a run may spend; what is left out does not limit it. */
export const budgetSchema = z
  .strictObject({
    cost_usd: z.number().gt(0).optional().openapi({ description: 'US dollars' }),
    tokens: positive.optional().openapi({ description: 'prompt and completion tokens together' }),
    model_calls: positive.optional().openapi({ description: 'requests to models' }),
    sandbox_ms: positive.optional().openapi({ description: 'milliseconds of sandbox time' }),
  })
  .openapi('Budget');

/** Name of a Python function. */
export const entryPointSchema = z
  .string()
  .max(200)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a Python function')
  .openapi({ description: 'name of the function that is asked for' });

/** Rounds at most. */
export const maxRoundsSchema = z.int().min(1).max(50);

/** Wall-clock milliseconds for a run. */
export const deadlineSchema = z.int().min(1).max(86_400_000);

/** Seed of everything random. */
export const seedSchema = uint32;

const kinds = {
  code: TaskKind.TASK_KIND_CODE,
  math: TaskKind.TASK_KIND_MATH,
  question: TaskKind.TASK_KIND_QUESTION,
} as const;

/** The contract's kind. */
export function kindOf(kind: z.infer<typeof kindSchema> | undefined): TaskKind {
  return kind === undefined ? TaskKind.TASK_KIND_UNSPECIFIED : kinds[kind];
}

/** The contract's suite; undefined where there are no checks. */
export function suiteOf(
  checks: z.infer<typeof checksSchema> | undefined,
  entryPoint: string,
): Suite | undefined {
  if (checks === undefined || checks.length === 0) return undefined;
  const asserts = checks.filter((check) => typeof check === 'string');
  const cases = checks.filter((check) => typeof check !== 'string');
  return {
    suite:
      asserts.length > 0
        ? { $case: 'function', value: { entryPoint, testCode: '', asserts } }
        : {
            $case: 'stdio',
            value: { cases, tolerance: 0, whitespace: WhitespaceRule.WHITESPACE_RULE_TRAILING },
          },
    integrity: Integrity.INTEGRITY_UNSPECIFIED,
    hidden: false,
  };
}

/** The checks of a suite in this form; null where it has another one. */
export function checksOf(suite: Suite | undefined): z.infer<typeof checksSchema> | null {
  const form = suite?.suite;
  if (form?.$case === 'stdio') return form.value.cases;
  return form?.$case === 'function' && form.value.testCode === '' ? form.value.asserts : null;
}

/** The contract's budget. */
export function budgetOf(budget: z.infer<typeof budgetSchema> | undefined): Budget | undefined {
  if (budget === undefined) return undefined;
  return {
    costUsd: budget.cost_usd,
    tokens: budget.tokens,
    modelCalls: budget.model_calls,
    sandboxMs: budget.sandbox_ms,
  };
}
