import { checkWorkflow } from '../check-workflow.js';
import type { OperatorArguments } from '../interpreter/operator-port.js';
import { runProgram } from '../interpreter/run-program.js';
import { hashedResult } from './stub-operators.js';

/** A program to run, and what on. */
export interface ProgramCase {
  readonly name: string;
  /** What the interpreter runs. */
  readonly source: string;
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

/** Value of the parameter `entry_point`. */
export const ENTRY_POINT = 'solve';

/** Runs a program by the interpreter, one operator call after the other. */
export async function runByInterpreter({ source, problem }: ProgramCase): Promise<Behaviour> {
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
