import { writeFile } from 'node:fs/promises';
import { printPrompts } from '@flowreasoner/workflow';
import { FlowError } from '@flowreasoner/rpc';
import { ExitCode } from '../exit-codes.js';
import { readWorkflow, type ValidWorkflow, validOrExplained } from '../task/read-workflow.js';

/** Options of `flow fmt`. */
export interface FmtOptions {
  readonly prompts?: string;
  /** Whether to say only whether the file is in its normal form. */
  readonly check?: boolean;
  /** Whether to change the file instead of printing it. */
  readonly write?: boolean;
}

/**
 * `flow fmt FILE|-`: prints the normal form, writes it to the file, or says whether
 * the file has it. Prompts that stand in the file itself are kept, in tags; those
 * of a prompt file are not printed.
 */
export async function fmt(file: string, options: FmtOptions): Promise<ExitCode> {
  if (options.write === true && file === '-') {
    throw new FlowError('INVALID_ARGUMENT', 'FILE_MISSING', '--write needs a file, not standard input');
  }
  const workflow = validOrExplained(await readWorkflow(file, options.prompts));
  if (workflow === undefined) return ExitCode.invalidWorkflow;
  const text = normalText(workflow);
  const isNormal = text === workflow.source;
  if (options.check === true) {
    if (isNormal) return ExitCode.solved;
    process.stderr.write(`${file} is not in its normal form; flow fmt --write ${file} mends it\n`);
    return ExitCode.notNormal;
  }
  if (options.write !== true) process.stdout.write(text);
  else if (!isNormal) await save(file, text);
  return ExitCode.solved;
}

function normalText({ program, checked }: ValidWorkflow): string {
  const prompts = printPrompts({ ...program, prompts: program.prompts.filter(({ range }) => range) });
  return prompts === ''
    ? checked.normalForm
    : `<graph>\n${checked.normalForm}</graph>\n<prompt>\n${prompts}</prompt>\n`;
}

async function save(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FlowError('INVALID_ARGUMENT', 'FILE_UNWRITABLE', `${file} can't be written: ${why}`);
  }
}
