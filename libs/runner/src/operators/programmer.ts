import { ExecutionStatus } from '@flowreasoner/contracts/sandbox';
import { definesFunction } from '../text/extract-code.js';
import { textArgument } from './arguments.js';
import {
  generationTemperature,
  SAMPLING_TEMPERATURE,
  type Operator,
  type OperatorContext,
  type ProgramRun,
} from './operator.js';
import { codePrompt, CODE_PROMPTS } from './prompts/code.js';
import { programPrompt, PROGRAM_PROMPTS } from './prompts/program.js';
import { solveProgram } from './solve-program.js';

/** Programs tried in one call. */
const TRIES = 3;
/** Wall-clock time of a program in milliseconds. */
const WALL_MS = 30_000;
/** Characters of an error that are told to the model and given back. */
const ERROR_LENGTH = 2_000;

/** What came of a program. */
interface Outcome {
  readonly succeeded: boolean;
  readonly output: string;
}

/** Modules whose import AFlow's operator refuses. */
const REFUSED_MODULES =
  'os sys subprocess multiprocessing matplotlib seaborn plotly bokeh ggplot pylab tkinter PyQt5 wx pyglet'.split(
    ' ',
  );

/**
 * Asks a model for a program, runs it, and gives the code and what its `solve()`
 * returns. A program that fails is shown to the model again, with its error; when
 * the last one fails too, the output is that error, after "Error: ".
 *
 * AFlow's way: there is nothing before the error, nothing more is asked after an
 * answer without code, what the program prints counts for nothing, and programs
 * with certain imports fail without being run.
 */
export const programmer: Operator = {
  name: 'programmer',
  prompts: [CODE_PROMPTS, PROGRAM_PROMPTS],
  standard: async (context) => {
    const { code, output, succeeded } = await writeAndRun(context, 'standard');
    return { code, output: succeeded ? output : `Error: ${output}` };
  },
  compatible: async (context) => {
    const { code, output } = await writeAndRun(context, 'compatible');
    return { code, output };
  },
};

type Behaviour = 'standard' | 'compatible';

async function writeAndRun(
  context: OperatorContext,
  behaviour: Behaviour,
): Promise<Outcome & { readonly code: string }> {
  const problem = textArgument(context.arguments, 'problem', context.task.problem);
  const analysis = textArgument(context.arguments, 'analysis', 'None');
  let tried: (Outcome & { readonly code: string }) | undefined;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const { messages, stop, programOf } = codePrompt(context.promptStyle, {
      problem: programPrompt(problem, analysis, tried),
      entryPoint: 'solve',
      stub: '',
      instruction: '',
      feedback: '',
    });
    const temperature = attempt === 0 ? generationTemperature(context) : SAMPLING_TEMPERATURE;
    const code = programOf(await context.ask(`program${attempt}`, { messages, stop, temperature }));
    if (behaviour === 'compatible' && code.trim() === '')
      return { code, succeeded: false, output: 'No code generated' };
    tried = { code, ...(await run(context, attempt, code, behaviour)) };
    if (tried.succeeded) break;
  }
  if (tried === undefined) throw new Error('no program was tried');
  return tried;
}

async function run(
  context: OperatorContext,
  attempt: number,
  code: string,
  behaviour: Behaviour,
): Promise<Outcome> {
  const isCompatible = behaviour === 'compatible';
  // Anywhere in the text, and as the beginning of a longer name too.
  const refused = REFUSED_MODULES.find(
    (name) => code.includes(`import ${name}`) || code.includes(`from ${name}`),
  );
  if (isCompatible && refused !== undefined)
    return { succeeded: false, output: `the import of ${refused} is not allowed` };
  if (!definesFunction(code, 'solve')) return { succeeded: false, output: 'there is no function `solve`' };
  const result = await context.execute(
    `run${attempt}`,
    solveProgram(code, isCompatible ? 'returned' : 'returnedOrPrinted'),
    WALL_MS,
  );
  return result.status === ExecutionStatus.EXECUTION_STATUS_EXITED && result.exitCode === 0
    ? { succeeded: true, output: result.stdout.trim() }
    : { succeeded: false, output: errorOf(result) };
}

function errorOf({ status, exitCode, stderr }: ProgramRun): string {
  switch (status) {
    case ExecutionStatus.EXECUTION_STATUS_WALL_TIMEOUT:
    case ExecutionStatus.EXECUTION_STATUS_CPU_TIMEOUT:
      return `the program took longer than ${WALL_MS} ms`;
    case ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY:
      return 'the program took too much memory';
    case ExecutionStatus.EXECUTION_STATUS_OUTPUT_LIMIT:
      return 'the program wrote too much';
    default:
      return stderr.trim().slice(-ERROR_LENGTH) || `the program ended with exit code ${exitCode}`;
  }
}
