import { RunStatus } from '@flowreasoner/contracts/metaagent';
import { installMissing, machineChecks, programsInPlace } from '../doctor/machine-checks.js';
import { workspacePath } from '../embedded/child-process.js';
import { ExitCode } from '../exit-codes.js';
import { colorsFor } from '../output/colors.js';
import { seconds } from '../output/words.js';
import { writeLine } from '../solve/session.js';
import { readTask } from '../task/read-task.js';
import { inSession, printAnswer } from './solve.js';

/**
 * The two examples, chosen by measurement (docs/benchmarks.md): a single greedy
 * call of the local model solves the first one and fails the second one.
 */
const TASKS = ['1-double-all', '3-squares'] as const;

/** Options of `flow demo`. */
export interface DemoOptions {
  readonly seed: number;
  readonly json?: boolean;
  readonly modelFile?: string;
}

/**
 * `flow demo`: installs what is missing where that is allowed, then solves two
 * examples. Exit code 0 when both are solved, 2 when not.
 */
export async function demo(options: DemoOptions): Promise<ExitCode> {
  const json = options.json === true;
  if (!programsInPlace(process.env)) {
    const say = (words: string): void => void process.stderr.write(`flow: ${words} ...\n`);
    installMissing(await machineChecks(process.env), say);
  }
  return await inSession(options, async (session, { view, signal }) => {
    const startedAt = Date.now();
    const { bold, dim, green, red } = colorsFor(process.stderr);
    let unsolved = 0;
    for (const [index, name] of TASKS.entries()) {
      signal.throwIfAborted();
      const file = workspacePath('examples', `${name}.yaml`);
      const input = await readTask({ task: file }, process.stdin);
      if (json) writeLine({ event: 'demo_task', task: input.task.id });
      else {
        view.line(
          `${index === 0 ? '' : '\n'}${bold(`Example ${index + 1} of ${TASKS.length}`)}  examples/${name}.yaml`,
        );
        for (const text of input.task.problem.trimEnd().split('\n')) view.line(`  ${text}`);
        view.line('');
        view.start();
      }
      const { result } = await session.solve(input);
      if (!json) printAnswer(result, view);
      if (result.status === RunStatus.RUN_STATUS_CANCELLED) return ExitCode.interrupted;
      if (result.status !== RunStatus.RUN_STATUS_SOLVED) unsolved += 1;
    }
    if (!json) {
      const words =
        unsolved === 0
          ? green('both examples are solved')
          : red(`${unsolved} of ${TASKS.length} examples not solved`);
      process.stderr.write(`\n${words} in ${seconds(Date.now() - startedAt)}\n`);
      process.stderr.write(dim('next: ./flow solve --query "..." or --task FILE; ./flow runs list\n'));
    }
    return unsolved === 0 ? ExitCode.solved : ExitCode.unsolved;
  });
}
