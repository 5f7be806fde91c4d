import { CaseStatus, VerdictStatus, type CaseResult, type Verdict } from '@flowreasoner/contracts/sandbox';
import {
  WorkflowStatus,
  type Diagnostic,
  type Usage,
  type WorkflowResult,
} from '@flowreasoner/contracts/workflow';
import { isFailedCase } from './grade-answer.js';
import { tokensOf } from './usage.js';

const maxCases = 2;
const maxDiagnostics = 8;
const maxCharacters = 4_000;

/** Feedback on a verdict: how much passed, and what the first failing cases gave. */
export function verdictText(verdict: Verdict): string[] {
  if (verdict.status === VerdictStatus.VERDICT_STATUS_ERROR && verdict.cases.length === 0) {
    return [`The answer could not be loaded: ${verdict.message}`];
  }
  const percent = Math.round(100 * verdict.passRate);
  const lines = [`Visible checks passed: ${verdict.passed} of ${verdict.total} (${percent} %).`];
  if (verdict.message !== '') lines.push(verdict.message);
  const failed = verdict.cases.filter((each) => isFailedCase(each.status));
  for (const each of failed.slice(0, maxCases)) lines.push(...caseText(each));
  return lines;
}

function caseText(result: CaseResult): string[] {
  const lines = [`Failing check: ${result.source}`];
  if (result.status === CaseStatus.CASE_STATUS_TIMEOUT) {
    lines.push(`  It took too long (${result.wallMs} ms).`);
    return lines;
  }
  if (result.expected !== '') lines.push(`  expected: ${result.expected}`);
  if (result.actual !== '') lines.push(`  actual: ${result.actual}`);
  if (result.errorType !== '' || result.actual === '') {
    const error = [result.errorType, result.message].filter((part) => part !== '').join(': ');
    if (error !== '') lines.push(`  error: ${error}`);
  }
  return lines;
}

/** Feedback on how a workflow ended; empty when it gave an answer. */
export function workflowText(result: WorkflowResult): string[] {
  const detail = [result.errorType, result.message].filter((part) => part !== '').join(': ');
  switch (result.status) {
    case WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED:
      return result.answer.trim() === '' ? ['The workflow returned an empty answer.'] : [];
    case WorkflowStatus.WORKFLOW_STATUS_INVALID:
      return diagnosticsText(result.diagnostics);
    case WorkflowStatus.WORKFLOW_STATUS_LIMIT:
      return [`The workflow was stopped at a limit (${detail}).`];
    case WorkflowStatus.WORKFLOW_STATUS_TIMEOUT:
      return ['The workflow was stopped at its time limit.'];
    case WorkflowStatus.WORKFLOW_STATUS_BUDGET:
      return [`The workflow was stopped at the budget (${detail}).`];
    default:
      return [`The workflow failed: ${detail}`];
  }
}

/** Diagnostics as a model can act on them. */
export function diagnosticsText(diagnostics: readonly Diagnostic[]): string[] {
  const lines = diagnostics.slice(0, maxDiagnostics).map((each) => {
    const place = each.start === undefined ? '' : ` at line ${each.start.line}, column ${each.start.column}`;
    return `${each.code}${place}: ${each.message}`;
  });
  const more = diagnostics.length - lines.length;
  return more > 0 ? [...lines, `… and ${more} more.`] : lines;
}

/** What a round used, in one line. */
export function usageText(usage: Usage, durationMs: number): string {
  const cost = usage.costUsd === undefined || usage.costUsd === 0 ? '' : `, $${usage.costUsd.toPrecision(3)}`;
  const seconds = (durationMs / 1000).toFixed(1);
  return `Used: ${usage.modelCalls} model calls, ${tokensOf(usage)} tokens${cost}, ${seconds} s.`;
}

/** Lines as one text of a bounded length. */
export function joinFeedback(lines: readonly string[]): string {
  const text = lines.join('\n');
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters - 1)}…`;
}
