import { printPrompts } from '@flowreasoner/workflow';
import { ExitCode } from '../exit-codes.js';
import { readWorkflow, validOrExplained } from '../task/read-workflow.js';

/** Options of `flow fmt`. */
export interface FmtOptions {
  readonly prompts?: string;
}

/**
 * `flow fmt FILE|-`: prints the normal form. Prompts that stand in the file itself
 * are kept, in tags; those of a prompt file are not printed.
 */
export async function fmt(file: string, options: FmtOptions): Promise<ExitCode> {
  const workflow = validOrExplained(await readWorkflow(file, options.prompts));
  if (workflow === undefined) return ExitCode.invalidWorkflow;
  const { program, checked } = workflow;
  const prompts = printPrompts({ ...program, prompts: program.prompts.filter(({ range }) => range) });
  process.stdout.write(
    prompts === ''
      ? checked.normalForm
      : `<graph>\n${checked.normalForm}</graph>\n<prompt>\n${prompts}</prompt>\n`,
  );
  return ExitCode.solved;
}
