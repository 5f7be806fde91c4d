import { TextMeasure, type TextAnswer } from '@flowreasoner/contracts/evaluate';
import { afterMarker, lastLine } from '../final-line.js';
import type { AnswerVerdict } from '../verdict.js';
import { dropF1 } from './drop-score.js';
import { normalizeText, wordsOf } from './normalize-text.js';
import { wordF1 } from './word-f1.js';

/** Spans of one expected or given answer of DROP; a list is written with `;`. */
const spanBreak = /\s*;\s*/;
const maxSpans = 64;

/**
 * Judges a short text: what stands after its last "answer:", else its last
 * line, is compared with each accepted text, and the best match counts.
 */
export function judgeText(checks: TextAnswer, answer: string): AnswerVerdict {
  const given = finalText(answer);
  const score = Math.max(0, ...checks.accepted.map((expected) => compare(checks.measure, given, expected)));
  const passed = score >= (checks.passScore === 0 ? 1 : checks.passScore);
  return { score, passed, feedback: passed ? 'The answer is right.' : wrong(checks.measure, score, given) };
}

/** The part of an answer that is compared. */
export function finalText(answer: string): string {
  return (afterMarker(answer) ?? lastLine(answer)).replace(/^\**|\**$/g, '');
}

function compare(measure: TextMeasure, given: string, expected: string): number {
  switch (measure) {
    case TextMeasure.TEXT_MEASURE_UNSPECIFIED:
    case TextMeasure.TEXT_MEASURE_EXACT:
      return normalizeText(given) === normalizeText(expected) ? 1 : 0;
    case TextMeasure.TEXT_MEASURE_F1:
      return wordF1(wordsOf(given), wordsOf(expected));
    case TextMeasure.TEXT_MEASURE_DROP:
      return dropF1(spansOf(given), spansOf(expected));
  }
}

function spansOf(text: string): string[] {
  return text.split(spanBreak, maxSpans).filter((span) => span.trim() !== '');
}

function wrong(measure: TextMeasure, score: number, given: string): string {
  const shown = given.length > 200 ? `${given.slice(0, 200)}…` : given;
  const share = measure > TextMeasure.TEXT_MEASURE_EXACT ? ` It scores ${score.toFixed(2)}.` : '';
  return `The answer ${JSON.stringify(shown)} is not what was asked for.${share}`;
}
