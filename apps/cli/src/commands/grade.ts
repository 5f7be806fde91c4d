import {
  type CaseResult,
  CaseStatus,
  GradeRequest,
  Integrity,
  type Suite,
  type Verdict,
  VerdictStatus,
} from '@flowreasoner/contracts/sandbox';
import { FlowError, unary } from '@flowreasoner/rpc';
import { withSandbox } from '../embedded/with-sandbox.js';
import { ExitCode } from '../exit-codes.js';
import { colorsFor } from '../output/colors.js';
import { enumWord } from '../output/json-events.js';
import { printable } from '../output/printable.js';
import { seconds } from '../output/words.js';
import { readInput, readTask, type TaskInput } from '../task/read-task.js';

const MAX_SOLUTION_BYTES = 1024 * 1024;

/** Options of `flow grade`. */
export interface GradeOptions {
  readonly task: string;
  readonly solution: string;
  readonly data?: string;
  readonly backend?: string;
  readonly json?: boolean;
}

/**
 * `flow grade`: judges a solution by a task's hidden tests, or by its visible
 * checks where there are none. Whoever has the task file may see every case.
 */
export async function grade(options: GradeOptions): Promise<ExitCode> {
  const suite = suiteToGrade(await readTask({ task: options.task, data: options.data }, process.stdin));
  const candidate = Buffer.from(await readInput(options.solution, MAX_SOLUTION_BYTES));
  const request = GradeRequest.fromPartial({ candidate, suite, backend: options.backend ?? '' });
  return withSandbox(options.backend, async (client, signal) => {
    const { verdict } = await unary(client, 'grade', request, { deadlineMs: Infinity, signal });
    if (verdict === undefined)
      throw new FlowError('INTERNAL', 'VERDICT_MISSING', 'the sandbox gave no verdict');
    process.stdout.write(
      options.json === true ? `${JSON.stringify(verdictJson(verdict))}\n` : `${table(verdict)}\n`,
    );
    return exitCodeOf(verdict);
  });
}

function suiteToGrade({ hiddenTests, task }: TaskInput): Suite {
  const suite = hiddenTests ?? task.visibleChecks;
  if (suite !== undefined) return { ...suite, hidden: false };
  throw new FlowError(
    'INVALID_ARGUMENT',
    'TESTS_MISSING',
    'the task has neither hidden_tests nor visible_checks',
    {
      hint: 'add hidden_tests: source that defines check(candidate), a list of asserts, or {unittest: …}',
    },
  );
}

function exitCodeOf({ status }: Verdict): ExitCode {
  if (status === VerdictStatus.VERDICT_STATUS_PASSED) return ExitCode.solved;
  return status === VerdictStatus.VERDICT_STATUS_INFRA_ERROR ? ExitCode.unavailable : ExitCode.unsolved;
}

function verdictWord({ status }: Verdict): string {
  return status === VerdictStatus.VERDICT_STATUS_INFRA_ERROR
    ? 'infra'
    : enumWord(VerdictStatus[status], 'VERDICT_STATUS_');
}

function verdictJson(verdict: Verdict): object {
  return {
    verdict: verdictWord(verdict),
    integrity: enumWord(Integrity[verdict.integrity], 'INTEGRITY_'),
    passed: verdict.passed,
    total: verdict.total,
    pass_rate: verdict.passRate,
    cases: verdict.cases.map((one) => ({
      index: one.index,
      status: statusWord(one),
      source: one.source,
      expected: one.expected,
      actual: one.actual,
      error_type: one.errorType,
      message: one.message,
      wall_ms: one.wallMs,
    })),
    message: verdict.message,
    wall_ms: verdict.wallMs,
    cpu_ms: verdict.cpuMs,
    backend: verdict.backend,
    isolations: verdict.isolations,
  };
}

function statusWord({ status }: CaseResult): string {
  return enumWord(CaseStatus[status], 'CASE_STATUS_');
}

function table(verdict: Verdict): string {
  const colors = colorsFor(process.stdout);
  const passed = verdict.status === VerdictStatus.VERDICT_STATUS_PASSED;
  const color = passed ? colors.green : colors.red;
  const forgeable = verdict.integrity === Integrity.INTEGRITY_SHARED_PROCESS;
  const facts = [
    `${verdict.passed} of ${verdict.total} cases`,
    forgeable ? 'one process with the tests: can be forged' : 'isolated',
    `${seconds(verdict.wallMs)} (${verdict.backend})`,
  ];
  return [
    ...verdict.cases.map((one) => caseLine(one, colors)),
    ...(verdict.message === '' ? [] : [printable(verdict.message)]),
    `${color(`${passed ? '✓' : '✗'} ${verdictWord(verdict)}`)}: ${facts.join(', ')}`,
  ].join('\n');
}

function caseLine(one: CaseResult, colors: ReturnType<typeof colorsFor>): string {
  const word = statusWord(one).replace('_', ' ').padEnd(8);
  const passed = one.status === CaseStatus.CASE_STATUS_PASSED;
  const message = one.message === '' ? '' : `\n          ${colors.dim(printable(one.message))}`;
  return `${passed ? colors.green(word) : colors.red(word)}  ${printable(one.source.split('\n')[0] ?? '')}${message}`;
}
