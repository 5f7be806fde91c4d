import { ExecutionStatus } from '@flowreasoner/contracts/sandbox';
import { extractCode } from '../text/extract-code.js';
import { textArgument } from './arguments.js';
import {
  generationTemperature,
  question,
  SAMPLING_TEMPERATURE,
  type Operator,
  type ProgramRun,
} from './operator.js';
import { programPrompt } from './prompts/program.js';

/** Programs tried in one call. */
const TRIES = 3;
/** Wall-clock time of a program in milliseconds. */
const WALL_MS = 30_000;
/** Characters of an error that are told to the model. */
const ERROR_LENGTH = 2_000;

/** Asks a model for a program, runs it, and gives what its `solve()` returns. */
export const programmer: Operator = {
  name: 'programmer',
  standard: async (context) => {
    const problem = textArgument(context.arguments, 'problem', context.task.problem);
    const analysis = textArgument(context.arguments, 'analysis', 'None');
    let code = '';
    let output = '';
    let feedback = '';
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const temperature = attempt === 0 ? generationTemperature(context) : SAMPLING_TEMPERATURE;
      const prompt = question(programPrompt(problem, analysis, feedback), temperature);
      code = extractCode(await context.ask(`program${attempt}`, prompt), 'solve');
      const result = await context.execute(`run${attempt}`, `${code}\n\nprint(solve())\n`, WALL_MS);
      output = outputOf(result);
      if (succeeded(result)) return { code, output };
      feedback = `\`\`\`python\n${code}\n\`\`\`\n${output}`;
    }
    return { code, output: `Error: ${output}` };
  },
};

function succeeded(result: ProgramRun): boolean {
  return result.status === ExecutionStatus.EXECUTION_STATUS_EXITED && result.exitCode === 0;
}

function outputOf(result: ProgramRun): string {
  if (succeeded(result)) return result.stdout.trim();
  switch (result.status) {
    case ExecutionStatus.EXECUTION_STATUS_WALL_TIMEOUT:
    case ExecutionStatus.EXECUTION_STATUS_CPU_TIMEOUT:
      return `the program took longer than ${WALL_MS} ms`;
    case ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY:
      return 'the program took too much memory';
    case ExecutionStatus.EXECUTION_STATUS_OUTPUT_LIMIT:
      return 'the program wrote too much';
    default:
      return result.stderr.trim().slice(-ERROR_LENGTH);
  }
}
