import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { checkWorkflow } from '../check-workflow.js';
import type { OperatorArguments } from '../interpreter/operator-port.js';
import { runProgram } from '../interpreter/run-program.js';
import type { Program } from '../ir.js';
import { OPERATORS } from '../operators.js';
import { visitStatements } from '../walk.js';
import { hashedResult } from './stub-operators.js';

/** A program to run, and what on. */
export interface BothCase {
  readonly name: string;
  /** What the interpreter runs. */
  readonly source: string;
  /** What Python runs. */
  readonly python: string;
  readonly problem: string;
}

/** What a program did: its operator calls with their arguments and those of the constructor, and how it ended. */
export interface Behaviour {
  readonly calls: readonly (readonly [
    string,
    Readonly<Record<string, string>>,
    Readonly<Record<string, string>>,
  ])[];
  readonly status: string;
  /** Answer, or the class of the error. */
  readonly value: string;
}

const SCRIPT = fileURLToPath(new URL('run_workflows.py', import.meta.url));
const ENTRY_POINT = 'solve';

/** Runs programs as Python. */
export function runAsPython(cases: readonly BothCase[]): Behaviour[] {
  const operators = [...OPERATORS.values()].map((operator) => ({
    name: operator.name,
    className: operator.className,
    parameters: operator.parameters.map(({ name }) => name),
    constructorParameters: operator.constructorParameters.map(({ name }) => name),
    fields: operator.resultFields,
  }));
  const input = cases.map(({ source, python, problem }) => {
    const { program } = checkWorkflow(source);
    if (program === undefined) throw new Error(`the program is not valid:\n${source}`);
    const prompts = Object.fromEntries(program.prompts.map(({ name, text }) => [name, text]));
    const parameters = program.entry.parameters.length;
    const given = {
      problem,
      entryPoint: ENTRY_POINT,
      prompts,
      operators,
      parameters,
      attributes: attributesOf(program),
    };
    return `${JSON.stringify({ ...given, source: python, className: program.className })}\n`;
  });
  const run = spawnSync('python3', [SCRIPT], {
    input: input.join(''),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONHASHSEED: '0' },
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Behaviour);
}

/** Operators by the attribute that a program calls them by, for those it does not bind. */
function attributesOf({ methods, entry }: Program): Record<string, string> {
  const attributes = new Map<string, string>();
  for (const { body } of [...methods, entry]) {
    visitStatements(body, {
      expression: (node) => {
        if (node.kind === 'operatorCall') attributes.set(node.attribute, node.operator);
      },
    });
  }
  return Object.fromEntries(attributes);
}

/** Runs a program by the interpreter, one operator call after the other. */
export async function runByInterpreter({ source, problem }: BothCase): Promise<Behaviour> {
  const { program } = checkWorkflow(source);
  if (program === undefined) throw new Error(`the program is not valid:\n${source}`);
  const calls: [string, Record<string, string>, Record<string, string>][] = [];
  const outcome = await runProgram(program, {
    problem,
    entryPoint: ENTRY_POINT,
    seed: 1,
    sequential: true,
    limits: { operatorCalls: 200 },
    usage: () => ({
      total_cost: 0.5,
      total_input_tokens: 10,
      total_output_tokens: 20,
      call_count: calls.length,
    }),
    callOperator: (request) => {
      calls.push([request.operator, texts(request.arguments), texts(request.constructorArguments)]);
      return Promise.resolve().then(() => hashedResult(request));
    },
  });
  const value =
    outcome.status === 'succeeded' ? outcome.answer : outcome.status === 'failed' ? outcome.errorType : '';
  return { calls, status: outcome.status, value };
}

function texts(args: OperatorArguments): Record<string, string> {
  return Object.fromEntries(Array.from(args, ([name, { text }]) => [name, text]));
}
