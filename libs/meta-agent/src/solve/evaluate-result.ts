import { FeedbackSource, type CheckCount } from '@flowreasoner/contracts/metaagent';
import { VerdictStatus, type Verdict } from '@flowreasoner/contracts/sandbox';
import { WorkflowStatus, type WorkflowResult } from '@flowreasoner/contracts/workflow';
import { timeLeft, type PreparedTask, type SolveContext } from './context.js';
import { extractCode } from './extract-code.js';
import { verdictText, workflowText } from './feedback-text.js';
import { gradeAnswer, isFailedCase, loadAnswer } from './grade-answer.js';
import { judgeByChecks, judgeByModel } from './judge-answer.js';

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
  /** Where the score comes from. */
  readonly source: FeedbackSource;
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

/** What an answer in its final form is worth. */
type Worth = Pick<Evaluation, 'score' | 'visible' | 'verdict' | 'solved' | 'source' | 'lines'>;

async function evaluateAnswer(
  context: SolveContext,
  result: WorkflowResult,
  text: string,
): Promise<Evaluation> {
  const { isCode, source } = context.task;
  const { status } = result;
  const answer = isCode ? extractCode(text) : text;
  if (answer.trim() === '') return noEvaluation(status, [], source);
  const bytes = Buffer.byteLength(answer);
  if (bytes > maxAnswerBytes) {
    return noEvaluation(
      status,
      [`The answer is ${bytes} bytes long; at most ${maxAnswerBytes} are taken.`],
      source,
    );
  }
  const worth = await worthOf(context, answer);
  // Without checks an answer counts only when the workflow came to its end.
  const counts = worth.visible !== undefined || status === WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED;
  return { status, answer, ...worth, ...(counts ? {} : { score: 0, solved: false }) };
}

/** Takes feedback from the first source that yields any. */
async function worthOf(context: SolveContext, answer: string): Promise<Worth> {
  const { suite, answerChecks, isCode, source } = context.task;
  if (suite !== undefined) {
    const verdict = await gradeAnswer(context, answer, suite);
    return {
      score: verdict.passRate,
      visible: { passed: verdict.passed, total: verdict.total },
      verdict: shortVerdict(verdict),
      solved: verdict.status === VerdictStatus.VERDICT_STATUS_PASSED,
      source,
      lines: verdictText(verdict),
    };
  }
  if (answerChecks !== undefined) {
    const { score, passed, feedback } = await judgeByChecks(context, answerChecks, answer);
    const visible = { passed: passed ? 1 : 0, total: 1 };
    return {
      score,
      visible,
      verdict: undefined,
      solved: passed,
      source,
      lines: feedback === '' ? [] : [feedback],
    };
  }
  return isCode ? worthOfProgram(context, answer) : worthOfText(context, answer);
}

async function worthOfProgram(context: SolveContext, answer: string): Promise<Worth> {
  const unchecked = { visible: undefined, verdict: undefined };
  const problem = await loadAnswer(context, answer);
  const execution = FeedbackSource.FEEDBACK_SOURCE_EXECUTION;
  if (problem !== '') return { ...unchecked, score: 0, solved: false, source: execution, lines: [problem] };
  const tests = await context.modelTests.of(context);
  if (tests === undefined) {
    const lines = ['The answer runs without an error; there are no checks.'];
    return { ...unchecked, score: 1, solved: true, source: execution, lines };
  }
  const verdict = await gradeAnswer(context, answer, tests);
  return {
    ...unchecked,
    score: verdict.passRate,
    solved: verdict.status === VerdictStatus.VERDICT_STATUS_PASSED,
    source: FeedbackSource.FEEDBACK_SOURCE_MODEL_TESTS,
    lines: ['The task has no checks; these tests were written by a model.', ...verdictText(verdict)],
  };
}

async function worthOfText(context: SolveContext, answer: string): Promise<Worth> {
  const unchecked = { visible: undefined, verdict: undefined };
  const judgement = await judgeByModel(context, answer);
  if (judgement === undefined) {
    const source = FeedbackSource.FEEDBACK_SOURCE_EXECUTION;
    return { ...unchecked, score: 1, solved: true, source, lines: [] };
  }
  const { isCorrect, reason } = judgement;
  return {
    ...unchecked,
    score: isCorrect ? 1 : 0,
    solved: isCorrect,
    source: FeedbackSource.FEEDBACK_SOURCE_MODEL_JUDGEMENT,
    lines: [
      `A model judged the answer ${isCorrect ? 'right' : 'wrong'}.`,
      ...(reason === '' ? [] : [reason]),
    ],
  };
}

/** The evaluation's part of a task without any answer. */
export function noEvaluation(
  status: WorkflowStatus,
  lines: readonly string[],
  source: FeedbackSource,
): Evaluation {
  const nothing = { answer: '', score: 0, visible: undefined, verdict: undefined, solved: false };
  return { ...nothing, status, source, lines };
}

/** The count for a task whose checks were never reached; undefined when there are none. */
export function nothingPassed({
  suite,
  answerChecks,
}: Pick<PreparedTask, 'suite' | 'answerChecks'>): CheckCount | undefined {
  switch (suite?.suite?.$case) {
    case undefined:
      return answerChecks === undefined ? undefined : { passed: 0, total: 1 };
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
