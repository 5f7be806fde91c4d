import type { FieldKind } from './lazy.js';

const NONE: ReadonlyMap<string, FieldKind> = new Map();

/**
 * Fields of each operator's result that can be read before the call has ended,
 * because every call that succeeds gives them. Those marked `text` always hold
 * text, so text can be put together from them without waiting either.
 */
const FIELDS: ReadonlyMap<string, ReadonlyMap<string, FieldKind>> = new Map(
  Object.entries({
    custom: { response: 'text' },
    custom_code_generate: { response: 'text' },
    answer_generate: { thought: 'text', answer: 'text' },
    sc_ensemble: { response: 'text' },
    md_ensemble: { solution: 'text' },
    multi_generate: { responses: 'other' },
    test: { result: 'other', solution: 'text' },
    review: { review_result: 'other', feedback: 'text' },
    revise: { solution: 'text' },
    programmer: { code: 'text', output: 'text' },
    format: { solution: 'text' },
  } satisfies Record<string, Record<string, FieldKind>>).map(
    ([operator, fields]) => [operator, new Map(Object.entries(fields))] as const,
  ),
);

/** The fields of an operator's result; none for an operator that is not known. */
export function resultFieldsOf(operator: string): ReadonlyMap<string, FieldKind> {
  return FIELDS.get(operator) ?? NONE;
}
