import { ExecutionStatus } from '@flowreasoner/contracts/sandbox';
import { definesFunction, extractCode } from '../text/extract-code.js';
import { derivedCalls, exampleCalls } from '../text/example-calls.js';
import { clusterBy, type Cluster } from './clusters.js';
import type { OperatorContext } from './operator.js';
import { probeProgram } from './probe-program.js';
import { behaviourOf, suiteText } from './verdicts.js';

/** Calls by which programs are told apart, at most. */
const MAX_CALLS = 16;
/** Wall-clock time of all these calls to one program in milliseconds. */
const PROBE_MS = 5_000;

/** A program that was judged. */
interface Judged {
  /** Visible checks that it passes. */
  readonly passed: number;
  /** What it does: programs that behave alike have the same. */
  readonly behaviour: string;
}

/**
 * Groups the best of several programs by what they do. Best are those that pass
 * most visible checks. They belong together when they give equal values on the
 * checks and on further inputs that are derived from them; without checks on the
 * examples in the problem and inputs derived from these; without examples only
 * when their code is the same.
 *
 * @param problem where examples are looked for when there are no checks
 * @returns undefined when the solutions are not programs
 */
export async function clusterPrograms(
  context: OperatorContext,
  solutions: readonly string[],
  problem: string,
): Promise<readonly Cluster[] | undefined> {
  const { entryPoint, visibleChecks } = context.task;
  const areFunctions =
    entryPoint !== '' && solutions.some((solution) => definesFunction(solution, entryPoint));
  if (!areFunctions && (entryPoint !== '' || visibleChecks === undefined)) return undefined;
  const programOf = new Map(
    solutions.map((solution) => [solution, extractCode(solution, entryPoint)] as const),
  );
  const programs = [...new Set(programOf.values())];
  const judged = await judge(context, programs);
  const most = Math.max(...Array.from(judged.values(), ({ passed }) => passed));
  const best = programs.filter((program) => judged.get(program)?.passed === most);
  const examples = visibleChecks === undefined ? problem : suiteText(visibleChecks);
  const outcomes = await probe(context, best, examples);
  return clusterBy(
    solutions.filter((solution) => best.includes(programOf.get(solution) ?? '')),
    (solution) => {
      const program = programOf.get(solution) ?? '';
      return `${judged.get(program)?.behaviour ?? ''}\n${outcomes.get(program) ?? ''}`;
    },
  );
}

/** Runs programs on the visible checks; without checks all are equally good, and alike when they are equal. */
async function judge(
  context: OperatorContext,
  programs: readonly string[],
): Promise<ReadonlyMap<string, Judged>> {
  if (context.task.visibleChecks === undefined) {
    return new Map(programs.map((program) => [program, { passed: 0, behaviour: '' }] as const));
  }
  const verdicts = await Promise.all(programs.map((program, i) => context.grade(`grade${i}`, program)));
  return new Map(
    verdicts.map((verdict, i) => [
      programs[i] ?? '',
      { passed: verdict.passed, behaviour: behaviourOf(verdict) },
    ]),
  );
}

/** What each program gives for calls that no check asks about. */
async function probe(
  context: OperatorContext,
  programs: readonly string[],
  examples: string,
): Promise<ReadonlyMap<string, string>> {
  const { entryPoint, visibleChecks } = context.task;
  if (programs.length < 2) return new Map();
  const shown = entryPoint === '' ? [] : exampleCalls(examples, entryPoint, MAX_CALLS);
  const derived = derivedCalls(shown, MAX_CALLS - (visibleChecks === undefined ? shown.length : 0));
  const calls = visibleChecks === undefined ? [...shown, ...derived] : derived;
  if (calls.length === 0) {
    // Nothing tells programs apart that the checks don't; without checks their text has to.
    return visibleChecks === undefined ? new Map(programs.map((program) => [program, program])) : new Map();
  }
  const runs = await Promise.all(
    programs.map((program, i) => context.execute(`probe${i}`, probeProgram(program, calls), PROBE_MS)),
  );
  return new Map(
    runs.map(({ status, exitCode, stdout }, i) => {
      const isWhole = status === ExecutionStatus.EXECUTION_STATUS_EXITED && exitCode === 0;
      return [programs[i] ?? '', isWhole ? stdout : `status ${status}`];
    }),
  );
}
