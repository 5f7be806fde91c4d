import { WorkflowStatus } from '@flowreasoner/contracts/workflow';
import { FlowError } from '@flowreasoner/rpc';
import type { ProgramOutcome } from '@flowreasoner/workflow';
import { describe, expect, it } from 'vitest';
import { describeEnd } from './outcome.js';

const used = { steps: 1, operatorCalls: 1 };
const stopped = (
  code: 'UNAVAILABLE' | 'RESOURCE_EXHAUSTED' | 'DEADLINE_EXCEEDED',
  reason: string,
  metadata: Readonly<Record<string, string>> = {},
): ProgramOutcome => ({
  status: 'stopped',
  cause: new FlowError(code, reason, 'why', { hint: 'Do this.', metadata }),
  ...used,
});
const range = { startLine: 4, startColumn: 1, endLine: 4, endColumn: 9 };

describe('describeEnd', () => {
  it.each<[ProgramOutcome, WorkflowStatus, string, string]>([
    [{ status: 'succeeded', answer: 'a', ...used }, WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED, '', ''],
    [
      { status: 'failed', errorType: 'KeyError', message: "'x'", range, ...used },
      WorkflowStatus.WORKFLOW_STATUS_FAILED,
      'KeyError',
      "line 4: 'x'",
    ],
    [
      { status: 'limit', limit: 'steps', allowed: 5, ...used },
      WorkflowStatus.WORKFLOW_STATUS_LIMIT,
      'steps',
      'the workflow reached the limit of 5 interpreter steps',
    ],
    [
      { status: 'timeout', allowedMs: 7, ...used },
      WorkflowStatus.WORKFLOW_STATUS_TIMEOUT,
      'wall_ms',
      'the workflow took longer than 7 ms',
    ],
    [
      { status: 'cancelled', ...used },
      WorkflowStatus.WORKFLOW_STATUS_CANCELLED,
      'cancelled',
      'the caller cancelled the workflow',
    ],
    [
      stopped('UNAVAILABLE', 'MODEL_DOWN'),
      WorkflowStatus.WORKFLOW_STATUS_UNAVAILABLE,
      'MODEL_DOWN',
      'why Do this.',
    ],
    ...[
      ['costUsd', 'cost_usd'],
      ['tokens', 'tokens'],
      ['modelCalls', 'model_calls'],
      ['sandboxMs', 'sandbox_ms'],
    ].map(([limit = '', name = '']): [ProgramOutcome, WorkflowStatus, string, string] => [
      stopped('RESOURCE_EXHAUSTED', 'BUDGET_EXCEEDED', { limit }),
      WorkflowStatus.WORKFLOW_STATUS_BUDGET,
      name,
      'why Do this.',
    ]),
    [
      stopped('RESOURCE_EXHAUSTED', 'PRICE_UNKNOWN'),
      WorkflowStatus.WORKFLOW_STATUS_BUDGET,
      'PRICE_UNKNOWN',
      'why Do this.',
    ],
    // A provider's rate limit is no budget of ours.
    [
      stopped('RESOURCE_EXHAUSTED', 'MODEL_RATE_LIMITED'),
      WorkflowStatus.WORKFLOW_STATUS_UNAVAILABLE,
      'MODEL_RATE_LIMITED',
      'why Do this.',
    ],
    [stopped('DEADLINE_EXCEEDED', 'LATE'), WorkflowStatus.WORKFLOW_STATUS_TIMEOUT, 'wall_ms', 'why'],
  ])('%o', (outcome, status, errorType, message) => {
    expect(describeEnd(outcome)).toMatchObject({ status, errorType, message });
  });
});
