import { FeedbackSource, type Run, RunState, RunStatus, StopReason } from '@flowreasoner/contracts/metaagent';
import { cut } from './fit-width.js';
import { enumWord } from './json-events.js';
import { printable } from './printable.js';
import { seconds, shortRun, sourceWords, usageFacts } from './words.js';

/**
 * Rows of runs under a head. Ids are cut to what names one run among them; the
 * task, which comes last, to the width.
 */
export function runTable(runs: readonly Run[], columns: number): string[] {
  const rows = runs.map((run) => [
    shortId(run, runs),
    stateWord(run),
    run.createTime?.toISOString().replace('T', ' ').slice(0, 19) ?? '',
    String(run.rounds),
    run.result?.visible === undefined ? '-' : `${run.result.visible.passed}/${run.result.visible.total}`,
    run.options?.policy ?? '',
    printable(run.task?.id ?? '').slice(0, 40),
  ]);
  const all = [['RUN', 'STATE', 'CREATED (UTC)', 'ROUNDS', 'CHECKS', 'POLICY', 'TASK'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all.map((row) => {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    return cut(line.trimEnd(), columns);
  });
}

/** What is known of a run, as names with values; then its answer. */
export function runFacts(run: Run): { facts: [string, string][]; answer: string } {
  const { result } = run;
  const { visible, hidden } = result ?? {};
  const source = result?.feedbackSource ?? FeedbackSource.FEEDBACK_SOURCE_UNSPECIFIED;
  const facts: [string, string | undefined][] = [
    ['run', run.name],
    ['task', printable(run.task?.id ?? '')],
    ['state', stateWord(run)],
    ['stopped', result && enumWord(StopReason[result.stopReason], 'STOP_REASON_').replaceAll('_', ' ')],
    ['policy', run.options?.policy],
    ['created', run.createTime?.toISOString()],
    ['duration', result && seconds(result.durationMs)],
    ['rounds', String(run.rounds)],
    ['checks', visible && `${visible.passed} of ${visible.total} pass`],
    ['judged by', source === FeedbackSource.FEEDBACK_SOURCE_UNSPECIFIED ? undefined : sourceWords(source)],
    ['hidden', hidden && `${hidden.passed} of ${hidden.total} pass`],
    ['usage', usageFacts(run.usage).join(', ')],
    ['message', printable(result?.message ?? '')],
    ['hint', printable(result?.hint ?? '')],
  ];
  return {
    facts: facts.filter((fact): fact is [string, string] => (fact[1] ?? '') !== ''),
    answer: printable(result?.answer ?? '').trimEnd(),
  };
}

/** `queued`, `running`, or how the run ended. */
export function stateWord(run: Run | undefined): string {
  if (run?.result !== undefined) return enumWord(RunStatus[run.result.status], 'RUN_STATUS_');
  return enumWord(RunState[run?.state ?? RunState.RUN_STATE_UNSPECIFIED], 'RUN_STATE_');
}

function shortId({ name }: Run, runs: readonly Run[]): string {
  const short = shortRun(name);
  const isAlone = runs.every((run) => run.name === name || shortRun(run.name) !== short);
  return isAlone ? short : name.replace(/^runs\//, '');
}
