import type { RunResult } from '@flowreasoner/contracts/metaagent';
import type { ExitCode } from '../exit-codes.js';
import { LiveView } from '../output/live-view.js';
import { printable } from '../output/printable.js';
import { answerTitle } from '../output/result-lines.js';
import { exitCodeOfRun } from '../run-exit-code.js';
import { listenForInterrupts } from '../signals.js';
import {
  openSession,
  type Session,
  type SessionOptions,
  type SessionPorts,
  writeLine,
} from '../solve/session.js';
import { readTask, type TaskSource } from '../task/read-task.js';

/** Options of `flow solve`. */
export interface SolveOptions extends TaskSource, SessionOptions {}

/** `flow solve`: one query in, one checked answer out. */
export async function solve(options: SolveOptions): Promise<ExitCode> {
  const input = await readTask(options, process.stdin);
  return await inSession(options, async (session, { view }) => {
    const { result } = await session.solve(input);
    if (options.json !== true) printAnswer(result, view);
    return exitCodeOfRun(result.status);
  });
}

/** Opens a session, hands it on and closes it. */
export async function inSession(
  options: SessionOptions,
  work: (session: Session, ports: SessionPorts) => Promise<ExitCode>,
): Promise<ExitCode> {
  return await withView(options, async (ports) => {
    const session = await openSession(options, ports);
    try {
      return await work(session, ports);
    } finally {
      await session.close();
    }
  });
}

/**
 * Does a piece of work with a live view. A signal ends it with its own exit code,
 * whatever the work makes of it.
 */
export async function withView(
  options: Pick<SessionOptions, 'json'>,
  work: (ports: SessionPorts) => Promise<ExitCode>,
): Promise<ExitCode> {
  const interrupts = listenForInterrupts();
  // The answer is what standard output is for; the view must not mix with it.
  const view = new LiveView({ out: process.stderr, now: Date.now });
  if (options.json !== true) view.start();
  const cancelling = (): void => view.cancelling();
  interrupts.signal.addEventListener('abort', cancelling, { once: true });
  try {
    const code = await work({ view, signal: interrupts.signal });
    return interrupts.exitCode() ?? code;
  } catch (error) {
    const code = interrupts.exitCode();
    view.stop();
    if (code === undefined) throw error;
    if (options.json === true) {
      writeLine({ event: 'error', code: 'CANCELLED', reason: 'CANCELLED', message: 'cancelled', hint: null });
    } else {
      process.stderr.write('flow: cancelled\n');
    }
    return code;
  } finally {
    view.stop();
    interrupts.dispose();
  }
}

/** Prints a run's answer on standard output, and nothing else there: it may be a file. */
export function printAnswer(result: RunResult, view: LiveView): void {
  view.stop();
  if (result.answer === '') return;
  const title = answerTitle(result);
  view.line(title === '' ? '' : `\n${title}`);
  process.stdout.write(`${printable(result.answer).trimEnd()}\n`);
}
