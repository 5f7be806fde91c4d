import { TextMeasure, type AnswerChecks } from '@flowreasoner/contracts/evaluate';
import type { AnswerFile } from './task-file.js';

const measures = {
  exact: TextMeasure.TEXT_MEASURE_EXACT,
  f1: TextMeasure.TEXT_MEASURE_F1,
  drop: TextMeasure.TEXT_MEASURE_DROP,
} as const;

/** The checks that a task file writes. */
export function answerChecksOf(file: AnswerFile): AnswerChecks {
  if ('math' in file) return { rule: { $case: 'math', value: { accepted: [file.math].flat() } } };
  if ('text' in file) {
    const measure = measures[file.measure ?? 'exact'];
    const value = { accepted: [file.text].flat(), measure, passScore: file.pass_score ?? 0 };
    return { rule: { $case: 'text', value } };
  }
  return { rule: { $case: 'remote', value: { grader: file.grader, data: Buffer.from(file.data ?? '') } } };
}
