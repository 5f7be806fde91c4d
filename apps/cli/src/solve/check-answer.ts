import {
  GradeRequest,
  type SandboxServiceClient,
  type Verdict,
  VerdictStatus,
} from '@flowreasoner/contracts/sandbox';
import { type AnswerJudge, answerCheckProblems } from '@flowreasoner/evaluate';
import type { PreparedTask } from '@flowreasoner/meta-agent';
import { FlowError, unary } from '@flowreasoner/rpc';

/** What checks an answer, and by which task. */
export interface AnswerChecker {
  readonly sandbox: SandboxServiceClient;
  readonly judge: AnswerJudge;
  readonly task: PreparedTask;
  readonly signal: AbortSignal;
}

/** What the visible checks say of an answer. */
export interface CheckedAnswer {
  readonly isRight: boolean;
  /** In [0, 1]. */
  readonly score: number;
  readonly visible: { readonly passed: number; readonly total: number };
  /** Of checks that were run as programs. */
  readonly verdict: Verdict | undefined;
  readonly feedback: string;
  /** Milliseconds in the sandbox. */
  readonly wallMs: number;
}

/**
 * Refuses answer checks that no judge could apply, before anything is spent.
 *
 * @throws FlowError INVALID_ARGUMENT
 */
export function requireAnswerChecks({ answerChecks }: PreparedTask, judge: AnswerJudge): void {
  const [problem] = answerChecks === undefined ? [] : answerCheckProblems(answerChecks, judge.graders);
  if (problem === undefined) return;
  const field = ['answer_checks', problem.field].filter((name) => name !== '').join('.');
  throw new FlowError('INVALID_ARGUMENT', 'TASK_INVALID', `${field} ${problem.description}`);
}

/**
 * Checks an answer by the task's visible checks.
 *
 * @returns undefined where the task has none
 * @throws FlowError UNAVAILABLE when the sandbox could not run them
 */
export async function checkAnswer(
  checker: AnswerChecker,
  answer: string,
): Promise<CheckedAnswer | undefined> {
  const { task, judge, signal } = checker;
  if (task.suite !== undefined) return await grade(checker, answer);
  if (task.answerChecks === undefined) return undefined;
  const request = { problem: task.problem, answer, tenant: '', signal };
  const { score, passed, feedback } = await judge.judge(task.answerChecks, request);
  const visible = { passed: passed ? 1 : 0, total: 1 };
  return { isRight: passed, score, visible, verdict: undefined, feedback, wallMs: 0 };
}

async function grade({ sandbox, task, signal }: AnswerChecker, answer: string): Promise<CheckedAnswer> {
  const request = GradeRequest.fromPartial({
    candidate: Buffer.from(answer),
    ...(task.suite === undefined ? {} : { suite: task.suite }),
  });
  const { verdict } = await unary(sandbox, 'grade', request, { signal });
  if (verdict === undefined || verdict.status === VerdictStatus.VERDICT_STATUS_INFRA_ERROR) {
    throw new FlowError(
      'UNAVAILABLE',
      'SANDBOX_FAILED',
      `the sandbox could not run the visible checks: ${verdict?.message || 'it gave no verdict'}`,
      { hint: 'flow doctor says what the sandbox lacks' },
    );
  }
  const { status, passRate: score, passed, total, message: feedback, wallMs } = verdict;
  const isRight = status === VerdictStatus.VERDICT_STATUS_PASSED;
  return { isRight, score, visible: { passed, total }, verdict, feedback, wallMs };
}
