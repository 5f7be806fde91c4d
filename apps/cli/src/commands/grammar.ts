import { FlowError } from '@flowreasoner/rpc';
import { workflowGrammar } from '@flowreasoner/workflow';
import { ExitCode } from '../exit-codes.js';
import { readWorkflow, validOrExplained } from '../task/read-workflow.js';

/** Options of `flow grammar`. */
export interface GrammarCommandOptions {
  /** Names separated by commas. */
  readonly operators?: string;
  readonly maxStatements?: number;
  /** Files of workflows whose structure is left out. */
  readonly exclude?: readonly string[];
}

/** `flow grammar`: prints the grammar of workflows for constrained decoding, as GBNF. */
export async function grammar(options: GrammarCommandOptions): Promise<ExitCode> {
  const exclude: string[] = [];
  for (const file of options.exclude ?? []) {
    const workflow = validOrExplained(await readWorkflow(file));
    if (workflow === undefined) return ExitCode.invalidWorkflow;
    exclude.push(workflow.checked.normalForm);
  }
  const operators = (options.operators ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const { maxStatements } = options;
  try {
    process.stdout.write(
      workflowGrammar({ operators, exclude, ...(maxStatements === undefined ? {} : { maxStatements }) }),
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FlowError('INVALID_ARGUMENT', 'GRAMMAR_IMPOSSIBLE', error.message);
  }
  return ExitCode.solved;
}
