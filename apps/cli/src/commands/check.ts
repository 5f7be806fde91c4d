import { checkWorkflow, MAX_SOURCE_BYTES, renderDiagnostics } from '@flowreasoner/workflow';
import type { CheckedWorkflow, WorkBound } from '@flowreasoner/workflow';
import { ExitCode } from '../exit-codes.js';
import { colorsFor } from '../output/colors.js';
import { plural } from '../output/words.js';
import { readInput } from '../task/read-task.js';
import { decodeInput } from '../task/task-file.js';
import { readRequestBounds, type RequestBoundOptions } from './request-bounds.js';

/** Options of `flow check`. */
export interface CheckOptions extends RequestBoundOptions {
  readonly prompts?: string;
  readonly json?: boolean;
}

/** `flow check FILE|-`: exit code 0 for a valid workflow, 65 otherwise. */
export async function check(file: string, options: CheckOptions): Promise<ExitCode> {
  const requestBounds = readRequestBounds(options);
  const source = decodeInput(await readInput(file, MAX_READ_BYTES), file);
  const prompts =
    options.prompts === undefined
      ? undefined
      : decodeInput(await readInput(options.prompts, MAX_READ_BYTES), options.prompts);
  const checked = checkWorkflow(source, { ...requestBounds, ...(prompts !== undefined && { prompts }) });
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(checkJson(checked))}\n`);
  } else {
    const color = colorsFor(process.stdout).isColorSupported;
    const text = renderDiagnostics(source, checked.diagnostics, { color });
    if (text !== '') process.stdout.write(`${text.trimEnd()}\n\n`);
    process.stdout.write(`${summary(checked)}\n`);
  }
  return checked.valid ? ExitCode.solved : ExitCode.invalidWorkflow;
}

/** More than the checker takes, so that it can say itself what its limit is. */
const MAX_READ_BYTES = 8 * MAX_SOURCE_BYTES;

function checkJson({ valid, diagnostics, bounds, measures }: CheckedWorkflow): object {
  return {
    valid,
    diagnostics: diagnostics.map(({ code, severity, message, range }) => ({
      code,
      severity,
      message,
      range: {
        start: { line: range.startLine, column: range.startColumn },
        end: { line: range.endLine, column: range.endColumn },
      },
    })),
    bounds:
      bounds === undefined
        ? null
        : {
            operator_calls: pair(bounds.least.operatorCalls, bounds.greatest.operatorCalls),
            model_calls: pair(bounds.least.modelCalls, bounds.greatest.modelCalls),
            tokens: pair(bounds.least.tokens, bounds.greatest.tokens),
            cost_usd: pair(bounds.least.costUsd, bounds.greatest.costUsd),
            critical_path: pair(bounds.least.criticalPath, bounds.greatest.criticalPath),
          },
    measures:
      measures === undefined
        ? null
        : {
            nodes: measures.nodes,
            operator_calls: measures.operatorCalls,
            depth: measures.depth,
            distinct_operators: measures.distinctOperators,
            static_cost: measures.staticCost,
          },
  };
}

function pair(least: number | undefined, greatest: number | undefined): object {
  return { least: least ?? null, greatest: greatest ?? null };
}

function summary({ valid, diagnostics, bounds }: CheckedWorkflow): string {
  const count = (severity: string): number => diagnostics.filter((one) => one.severity === severity).length;
  if (!valid)
    return `${colorsFor(process.stdout).red('✗')} not valid: ${plural(count('error'), 'error')}, ${plural(count('warning'), 'warning')}`;
  const facts = bounds === undefined ? '' : `: ${range(bounds.least, bounds.greatest)}`;
  return `${colorsFor(process.stdout).green('✓')} valid${facts}${count('warning') === 0 ? '' : `, ${plural(count('warning'), 'warning')}`}`;
}

function range(least: WorkBound, greatest: WorkBound): string {
  const calls = (name: 'operatorCalls' | 'modelCalls', noun: string): string =>
    least[name] === greatest[name]
      ? plural(least[name] ?? 0, noun)
      : `${least[name] ?? 0} to ${greatest[name] ?? 'any number of'} ${noun}s`;
  const facts = [calls('operatorCalls', 'operator call'), calls('modelCalls', 'model call')];
  if (greatest.tokens !== undefined) facts.push(`at most ${greatest.tokens} tokens`);
  if (greatest.costUsd !== undefined) facts.push(`at most $${greatest.costUsd.toFixed(4)}`);
  return facts.join(', ');
}
