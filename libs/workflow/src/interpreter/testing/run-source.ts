import { checkWorkflow } from '../../check-workflow.js';
import { OperatorError } from '../errors.js';
import type { OperatorOutput, OperatorRequest } from '../operator-port.js';
import { runProgram, type ProgramOutcome, type RunProgramOptions } from '../run-program.js';

/** A call that the stub operators got. */
export interface SeenCall {
  readonly operator: string;
  readonly place: string;
  readonly seed: number;
  /** Arguments as text. */
  readonly arguments: Readonly<Record<string, string>>;
}

/** A finished run with what its operators saw, in the order they were asked. */
export interface SeenRun {
  readonly outcome: ProgramOutcome;
  readonly calls: readonly SeenCall[];
}

/**
 * Stub operators: `custom` answers `<input>`, `custom_code_generate` `code(problem)`,
 * `sc_ensemble` its first solution, `test` whether "good" is in the solution,
 * `multi_generate` the numbered problem. Text with FAIL in it fails with a
 * RuntimeError.
 */
export function stubOperator(request: OperatorRequest): ReadonlyMap<string, OperatorOutput> {
  const text = (name: string): string => request.arguments.get(name)?.text ?? '';
  const input = text('input') + text('problem');
  if (input.includes('FAIL')) throw new OperatorError('RuntimeError', `failed: ${input}`);
  switch (request.operator) {
    case 'custom':
      return new Map([['response', `<${input}>`]]);
    case 'custom_code_generate':
      return new Map([['response', `code(${input})`]]);
    case 'sc_ensemble':
      return new Map([['response', request.arguments.get('solutions')?.items?.[0]?.text ?? '']]);
    case 'test':
      return new Map<string, OperatorOutput>([
        ['result', text('solution').includes('good')],
        ['solution', text('solution')],
      ]);
    case 'multi_generate':
      return new Map([['responses', [0, 1, 2].map((i) => `${input}${i}`)]]);
    default:
      throw new Error(`there is no stub of ${request.operator}`);
  }
}

/** Options of {@link runSource}: those of a run, and how the stubs behave. */
export interface RunSourceOptions extends Partial<RunProgramOptions> {
  /** Awaited before an operator answers. */
  readonly delay?: (request: OperatorRequest) => Promise<void>;
}

/** Checks and runs the body of `__call__`, or a whole class. */
export async function runSource(source: string, options: RunSourceOptions = {}): Promise<SeenRun> {
  const checked = checkWorkflow(source.startsWith('class') ? source : classAround(source));
  // A test of one expression needs no operator; everything else must be in order.
  const errors = checked.diagnostics.filter(({ severity, code }) => severity === 'error' && code !== 'FW205');
  if (errors.length > 0 || checked.program === undefined) {
    const found = errors.map(({ code, message }) => `${code}: ${message}`).join('\n');
    throw new Error(`the program is not valid:\n${found}\n${source}`);
  }
  const calls: SeenCall[] = [];
  const outcome = await runProgram(checked.program, {
    problem: 'the problem',
    entryPoint: 'f',
    seed: 1,
    usage: () => ({
      total_cost: 0.5,
      total_input_tokens: 10,
      total_output_tokens: 20,
      call_count: calls.length,
    }),
    callOperator: async (request) => {
      const given = Array.from(request.arguments, ([name, { text }]) => [name, text] as const);
      const { operator, place, seed } = request;
      calls.push({ operator, place, seed, arguments: Object.fromEntries(given) });
      await options.delay?.(request);
      return stubOperator(request);
    },
    ...options,
  });
  return { outcome, calls };
}

/** A class of AFlow's form around the body of `__call__`. */
export function classAround(body: string): string {
  const lines = body.split('\n').map((line) => (line === '' ? '' : `        ${line}`));
  return [
    'class Workflow:',
    '    def __init__(self, name, llm_config, dataset):',
    '        self.llm = create_llm_instance(llm_config)',
    '        self.custom = operator.Custom(self.llm)',
    '        self.custom_code_generate = operator.CustomCodeGenerate(self.llm)',
    '        self.sc_ensemble = operator.ScEnsemble(self.llm)',
    '        self.multi_generate = operator.MultiGenerate(self.llm)',
    '        self.test = operator.Test(self.llm)',
    '',
    '    async def __call__(self, problem, entry_point="f"):',
    ...lines,
    '',
  ].join('\n');
}
