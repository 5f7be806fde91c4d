import type { RunWorkflowRequest } from '@flowreasoner/contracts/workflow';
import { FlowError, type FieldViolation } from '@flowreasoner/rpc';

/** Greatest sizes of what a run request holds, in UTF-8 bytes or entries. */
export const REQUEST_LIMITS = {
  promptsBytes: 128 * 1024,
  problemBytes: 256 * 1024,
  entryPointBytes: 256,
  memoEntries: 10_000,
  memoKeyBytes: 1_024,
  memoBytes: 2 * 1024 * 1024,
} as const;

/**
 * Checks a request's sizes and ranges. The source's own cap is the checker's.
 *
 * @throws FlowError INVALID_ARGUMENT with a violation per field
 */
export function checkRunRequest(request: RunWorkflowRequest): void {
  const violations: FieldViolation[] = [];
  const most = (field: string, size: number, limit: number, unit: string): void => {
    if (size > limit)
      violations.push({ field, description: `must be at most ${limit} ${unit}, not ${size}` });
  };
  most('prompts', Buffer.byteLength(request.prompts), REQUEST_LIMITS.promptsBytes, 'bytes');
  most('problem', Buffer.byteLength(request.problem), REQUEST_LIMITS.problemBytes, 'bytes');
  most('entry_point', Buffer.byteLength(request.entryPoint), REQUEST_LIMITS.entryPointBytes, 'bytes');
  most('memo', request.memo.length, REQUEST_LIMITS.memoEntries, 'entries');
  const memoBytes = request.memo.reduce((sum, { key, response }) => sum + key.length + response.length, 0);
  most('memo', memoBytes, REQUEST_LIMITS.memoBytes, 'bytes');
  const longest = request.memo.reduce((length, { key }) => Math.max(length, key.length), 0);
  most('memo.key', longest, REQUEST_LIMITS.memoKeyBytes, 'bytes');
  const { temperature, visibleChecks } = request;
  if (temperature !== undefined && !(temperature >= 0 && temperature <= 2)) {
    violations.push({ field: 'temperature', description: 'must be between 0 and 2' });
  }
  if (visibleChecks?.hidden === true) {
    violations.push({
      field: 'visible_checks.hidden',
      description: 'must be false: operators show these tests to models',
    });
  }
  const costUsd = request.budget?.costUsd;
  if (costUsd !== undefined && !(costUsd >= 0)) {
    violations.push({ field: 'budget.cost_usd', description: 'must not be negative' });
  }
  if (violations.length === 0) return;
  const listed = violations.map(({ field, description }) => `${field} ${description}`).join('; ');
  throw new FlowError('INVALID_ARGUMENT', 'RUN_REQUEST_INVALID', `the run request is wrong: ${listed}`, {
    fieldViolations: violations,
  });
}
