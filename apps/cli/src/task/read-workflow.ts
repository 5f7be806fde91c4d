import {
  checkWorkflow,
  type CheckedWorkflow,
  MAX_SOURCE_BYTES,
  type Program,
  renderDiagnostics,
} from '@flowreasoner/workflow';
import { colorsFor } from '../output/colors.js';
import { readInput } from './read-task.js';
import { decodeInput } from './task-file.js';

/** More than the checker takes, so that it can say itself what its limit is. */
const MAX_READ_BYTES = 8 * MAX_SOURCE_BYTES;

/** A workflow as it was read. */
export interface WorkflowInput {
  readonly source: string;
  /** Text of the prompt file; empty without one. */
  readonly prompts: string;
  readonly checked: CheckedWorkflow;
}

/** A workflow without an error. */
export interface ValidWorkflow extends WorkflowInput {
  readonly program: Program;
}

/**
 * Reads and checks a workflow.
 *
 * @param file path, or `-` for standard input
 * @param promptFile path of a file with `NAME = "…"` prompts
 * @param promptsFinal whether it is to be run, so that all prompts it needs must be there
 * @throws FlowError INVALID_ARGUMENT when a file can't be read
 */
export async function readWorkflow(
  file: string,
  promptFile?: string,
  promptsFinal = false,
): Promise<WorkflowInput> {
  const source = await readSource(file);
  const prompts =
    promptFile === undefined ? '' : decodeInput(await readInput(promptFile, MAX_READ_BYTES), promptFile);
  return { source, prompts, checked: checkWorkflow(source, { prompts, promptsFinal }) };
}

/**
 * Reads the source of a workflow.
 *
 * @throws FlowError INVALID_ARGUMENT when the file can't be read
 */
export async function readSource(file: string): Promise<string> {
  return decodeInput(await readInput(file, MAX_READ_BYTES), file);
}

/** The workflow when it is valid; otherwise its diagnostics go to standard error. */
export function validOrExplained(input: WorkflowInput): ValidWorkflow | undefined {
  const { source, checked } = input;
  if (checked.valid && checked.program !== undefined) return { ...input, program: checked.program };
  const color = colorsFor(process.stderr).isColorSupported;
  process.stderr.write(`${renderDiagnostics(source, checked.diagnostics, { color }).trimEnd()}\n`);
  return undefined;
}
