import type { CheckCount } from '@flowreasoner/contracts/metaagent';
import { VerdictStatus, type Suite, type Verdict } from '@flowreasoner/contracts/sandbox';
import { WorkflowStatus, type WorkflowResult } from '@flowreasoner/contracts/workflow';
import { timeLeft, type SolveContext } from './context.js';
import { extractCode } from './extract-code.js';
import { verdictText, workflowText } from './feedback-text.js';
import { gradeAnswer, isFailedCase, loadAnswer } from './grade-answer.js';

/** What became of one run of a workflow. */
export interface Evaluation {
  readonly status: WorkflowStatus;
  /** Empty when there is none. */
  readonly answer: string;
  /** In [0, 1], by the task's feedback source. */
  readonly score: number;
  readonly visible: CheckCount | undefined;
  readonly verdict: Verdict | undefined;
  /** Whether nothing better could be asked of the answer. */
  readonly solved: boolean;
  readonly lines: readonly string[];
}

/** Answers are kept in the journal and sent to watchers. */
const maxAnswerBytes = 256 * 1024;

/**
 * Judges what a workflow gave. Where a limit ended it, the answers it had by
 * then are judged in its place.
 */
export async function evaluateResult(context: SolveContext, result: WorkflowResult): Promise<Evaluation> {
  let best = await evaluateAnswer(context, result, result.answer);
  for (const partial of keptAnswers(context, result)) {
    if (best.solved || timeLeft(context) === 0) break;
    const evaluation = await evaluateAnswer(context, result, partial);
    if (best.answer === '' || evaluation.score > best.score) best = evaluation;
  }
  return { ...best, lines: [...workflowText(result), ...best.lines] };
}

function keptAnswers(context: SolveContext, result: WorkflowResult): string[] {
  const kept: readonly WorkflowStatus[] = [
    WorkflowStatus.WORKFLOW_STATUS_LIMIT,
    WorkflowStatus.WORKFLOW_STATUS_TIMEOUT,
    WorkflowStatus.WORKFLOW_STATUS_BUDGET,
  ];
  const { remaining } = context.ledger;
  if (!kept.includes(result.status) || remaining.sandboxMs === 0) return [];
  return result.partialAnswers.filter((answer) => answer.trim() !== '');
}

async function evaluateAnswer(
  context: SolveContext,
  result: WorkflowResult,
  text: string,
): Promise<Evaluation> {
  const { suite, isCode } = context.task;
  const answer = isCode ? extractCode(text) : text;
  const base = { status: result.status, answer, visible: undefined, verdict: undefined, lines: [] };
  if (answer.trim() === '') return { ...base, answer: '', score: 0, solved: false };
  const bytes = Buffer.byteLength(answer);
  if (bytes > maxAnswerBytes) {
    const lines = [`The answer is ${bytes} bytes long; at most ${maxAnswerBytes} are taken.`];
    return { ...base, answer: '', score: 0, solved: false, lines };
  }
  if (suite !== undefined) {
    const verdict = await gradeAnswer(context, answer, suite);
    return {
      ...base,
      score: verdict.passRate,
      visible: { passed: verdict.passed, total: verdict.total },
      verdict: shortVerdict(verdict),
      solved: verdict.status === VerdictStatus.VERDICT_STATUS_PASSED,
      lines: verdictText(verdict),
    };
  }
  // Without checks an answer counts only when the workflow came to its end.
  const ended = result.status === WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED;
  const problem = isCode ? await loadAnswer(context, answer) : '';
  const solved = ended && problem === '';
  const lines = problem === '' ? ['The answer runs without an error; there are no checks.'] : [problem];
  return { ...base, score: solved ? 1 : 0, solved, lines: isCode ? lines : [] };
}

/** The evaluation's part of a task without any answer. */
export function noEvaluation(status: WorkflowStatus, lines: readonly string[]): Evaluation {
  return { status, answer: '', score: 0, visible: undefined, verdict: undefined, solved: false, lines };
}

/** The count for a task whose checks were never reached; undefined when there are none. */
export function nothingPassed(suite: Suite | undefined): CheckCount | undefined {
  switch (suite?.suite?.$case) {
    case undefined:
      return undefined;
    case 'function':
      return { passed: 0, total: suite.suite.value.asserts.length };
    case 'stdio':
    case 'values':
      return { passed: 0, total: suite.suite.value.cases.length };
    case 'unittest':
      return { passed: 0, total: 0 };
  }
}

const detailedCases = 50;

/** The verdict with details of its first failing cases only. */
function shortVerdict(verdict: Verdict): Verdict {
  let detailed = 0;
  const cases = verdict.cases.map((each) => {
    if (isFailedCase(each.status) && detailed++ < detailedCases) return each;
    return { ...each, source: '', expected: '', actual: '', message: '' };
  });
  return { ...verdict, cases };
}
