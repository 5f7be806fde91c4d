import { CaseStatus, Verdict, VerdictStatus } from '@flowreasoner/contracts/sandbox';
import { Diagnostic, WorkflowResult, WorkflowStatus } from '@flowreasoner/contracts/workflow';
import { describe, expect, it } from 'vitest';
import { diagnosticsText, joinFeedback, usageText, verdictText, workflowText } from './feedback-text.js';

describe('feedback', () => {
  it('tells how much passed and what the first failing checks gave', () => {
    const verdict = Verdict.fromPartial({
      status: VerdictStatus.VERDICT_STATUS_FAILED,
      passed: 1,
      total: 4,
      passRate: 0.25,
      cases: [
        { status: CaseStatus.CASE_STATUS_PASSED, source: 'assert f(0) == 0' },
        { status: CaseStatus.CASE_STATUS_FAILED, source: 'assert f(1) == 1', expected: '1', actual: '2' },
        {
          status: CaseStatus.CASE_STATUS_ERROR,
          source: 'assert f(2) == 2',
          errorType: 'IndexError',
          message: 'out',
        },
        { status: CaseStatus.CASE_STATUS_FAILED, source: 'assert f(3) == 3' },
      ],
    });
    expect(verdictText(verdict)).toEqual([
      'Visible checks passed: 1 of 4 (25 %).',
      'Failing check: assert f(1) == 1',
      '  expected: 1',
      '  actual: 2',
      'Failing check: assert f(2) == 2',
      '  error: IndexError: out',
    ]);
  });

  it('tells of a check that was too slow and of an answer that does not load', () => {
    const slow = Verdict.fromPartial({
      status: VerdictStatus.VERDICT_STATUS_FAILED,
      total: 1,
      cases: [{ status: CaseStatus.CASE_STATUS_TIMEOUT, source: 'assert f(9)', wallMs: 3_000 }],
    });
    expect(verdictText(slow)).toContain('  It took too long (3000 ms).');
    const broken = Verdict.fromPartial({
      status: VerdictStatus.VERDICT_STATUS_ERROR,
      message: 'SyntaxError: x',
    });
    expect(verdictText(broken)).toEqual(['The answer could not be loaded: SyntaxError: x']);
  });

  it.each([
    [WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED, 'The workflow returned an empty answer.'],
    [WorkflowStatus.WORKFLOW_STATUS_FAILED, 'The workflow failed: KeyError: no key'],
    [WorkflowStatus.WORKFLOW_STATUS_LIMIT, 'The workflow was stopped at a limit (KeyError: no key).'],
    [WorkflowStatus.WORKFLOW_STATUS_TIMEOUT, 'The workflow was stopped at its time limit.'],
  ])('tells how a workflow ended (%i)', (status, text) => {
    expect(
      workflowText(WorkflowResult.fromPartial({ status, errorType: 'KeyError', message: 'no key' })),
    ).toEqual([text]);
  });

  it('names place and code of diagnostics, and not too many', () => {
    const diagnostic = Diagnostic.fromPartial({
      code: 'FW101',
      message: 'Wrong.',
      start: { line: 3, column: 7 },
    });
    const lines = diagnosticsText(Array.from({ length: 12 }, () => diagnostic));
    expect(lines[0]).toBe('FW101 at line 3, column 7: Wrong.');
    expect(lines).toHaveLength(9);
    expect(lines.at(-1)).toBe('… and 4 more.');
  });

  it('is bounded in length and says what was used', () => {
    expect(joinFeedback(['x'.repeat(10_000)])).toHaveLength(4_000);
    const usage = { modelCalls: 2, promptTokens: 100, completionTokens: 20, costUsd: 0.00123, sandboxMs: 5 };
    expect(usageText(usage, 1_234)).toBe('Used: 2 model calls, 120 tokens, $0.00123, 1.2 s.');
    expect(usageText({ ...usage, costUsd: undefined }, 0)).toBe('Used: 2 model calls, 120 tokens, 0.0 s.');
  });
});
