import type { GetGrammarRequest, GetGrammarResponse } from '@flowreasoner/contracts/workflow';
import { FlowError, type FieldViolation } from '@flowreasoner/rpc';
import { MAX_EXCLUDED, MAX_STATEMENTS, workflowGrammar } from '@flowreasoner/workflow';
import { requireOperators } from './operator-names.js';

/** Greatest size of a structure to leave out, in UTF-8 bytes. */
const EXCLUDED_BYTES = 128 * 1024;

/**
 * Answers GetGrammar.
 *
 * @throws FlowError INVALID_ARGUMENT with a violation per field
 */
export function handleGetGrammar(request: GetGrammarRequest): GetGrammarResponse {
  const { operators, maxStatements, exclude } = request;
  requireOperators('operators', operators);
  const violations: FieldViolation[] = [];
  if (maxStatements > MAX_STATEMENTS) {
    violations.push({
      field: 'max_statements',
      description: `must be at most ${MAX_STATEMENTS}, not ${maxStatements}`,
    });
  }
  if (exclude.length > MAX_EXCLUDED) {
    violations.push({
      field: 'exclude',
      description: `must be at most ${MAX_EXCLUDED} programs, not ${exclude.length}`,
    });
  }
  if (exclude.some((program) => Buffer.byteLength(program) > EXCLUDED_BYTES)) {
    violations.push({ field: 'exclude', description: `each must be at most ${EXCLUDED_BYTES} bytes` });
  }
  if (violations.length > 0) {
    const listed = violations.map(({ field, description }) => `${field} ${description}`).join('; ');
    throw new FlowError('INVALID_ARGUMENT', 'GRAMMAR_REQUEST_INVALID', listed, {
      fieldViolations: violations,
    });
  }
  try {
    return {
      grammar: workflowGrammar({ operators, exclude, ...(maxStatements === 0 ? {} : { maxStatements }) }),
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FlowError('FAILED_PRECONDITION', 'GRAMMAR_EMPTY', error.message, {
      hint: 'Offer more operators, allow more statements, or exclude fewer programs.',
    });
  }
}
