import { checkWorkflow, printWorkflow } from '@flowreasoner/workflow';
import { printable } from './printable.js';

const MAX_LINES = 24;
const MAX_PROMPTS = 4;

/**
 * The lines of a workflow that a reader wants to see: what `__call__` does, with
 * its helper methods and prompts when there are any. Constructors, imports and
 * docstrings say nothing about what is designed; `--json` has the whole source.
 */
export function workflowLines(source: string): string[] {
  const { program } = checkWorkflow(source);
  const lines = printable(program === undefined ? source : printWorkflow(bare(program)))
    .split('\n')
    .filter((line) => line.trim() !== '');
  const prompts = (program?.prompts ?? [])
    .slice(0, MAX_PROMPTS)
    .map(({ name, text }) => `${name} = ${JSON.stringify(printable(text.trim()))}`);
  return [...prompts, ...first(program === undefined ? lines : withoutFrame(lines, program))];
}

type Program = NonNullable<ReturnType<typeof checkWorkflow>['program']>;

function bare(program: Program): Program {
  return { ...program, bindings: [], attributes: [] };
}

/** Without the class' line, and without that of `__call__` where it is the only method. */
function withoutFrame(lines: readonly string[], { methods }: Program): string[] {
  const frame = methods.length === 0 ? 2 : 1;
  return lines.slice(frame).map((line) => line.slice(4 * frame));
}

function first(lines: readonly string[]): string[] {
  if (lines.length <= MAX_LINES) return [...lines];
  return [...lines.slice(0, MAX_LINES), `… ${lines.length - MAX_LINES} more lines`];
}
