import { z } from '@hono/zod-openapi';
import { TextMeasure, type AnswerChecks } from '@flowreasoner/contracts/evaluate';

const accepted = z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(16)]);

/** How an answer in text is judged after each round; what is expected never reaches a model. */
export const answerChecksSchema = z
  .union([
    z.strictObject({ math: accepted }),
    z.strictObject({
      text: accepted,
      measure: z.enum(['exact', 'f1', 'drop']).optional(),
      pass_score: z.number().gt(0).max(1).optional(),
    }),
    z.strictObject({ grader: z.string().min(1).max(40), data: z.string().max(65_536).optional() }),
  ])
  .openapi('AnswerChecks', {
    description:
      'one expected answer or several in maths or text, or the name of a grader that the server knows; excludes visible_checks',
    example: { math: '\\frac{1}{2}' },
  });

const measures = {
  exact: TextMeasure.TEXT_MEASURE_EXACT,
  f1: TextMeasure.TEXT_MEASURE_F1,
  drop: TextMeasure.TEXT_MEASURE_DROP,
} as const;

/** The contract's checks. */
export function answerChecksOf(
  checks: z.infer<typeof answerChecksSchema> | undefined,
): AnswerChecks | undefined {
  if (checks === undefined) return undefined;
  if ('math' in checks) return { rule: { $case: 'math', value: { accepted: [checks.math].flat() } } };
  if ('text' in checks) {
    const measure = measures[checks.measure ?? 'exact'];
    const value = { accepted: [checks.text].flat(), measure, passScore: checks.pass_score ?? 0 };
    return { rule: { $case: 'text', value } };
  }
  const data = Buffer.from(checks.data ?? '');
  return { rule: { $case: 'remote', value: { grader: checks.grader, data } } };
}
