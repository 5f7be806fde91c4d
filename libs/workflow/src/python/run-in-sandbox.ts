import { readFileSync } from 'node:fs';
import { ExecuteRequest, ExecutionStatus, type SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import { unary } from '@flowreasoner/rpc';
import { checkWorkflow } from '../check-workflow.js';
import type { Program } from '../ir.js';
import { OPERATORS } from '../operators.js';
import { visitStatements } from '../walk.js';
import { ENTRY_POINT, type Behaviour, type ProgramCase } from './run-by-interpreter.js';

/** A program to run both ways. */
export interface BothCase extends ProgramCase {
  /** What Python runs. */
  readonly python: string;
}

const SCRIPT = readFileSync(new URL('run_workflows.py', import.meta.url));
/** Programs of one execution. */
const CHUNK = 50;
const OPERATOR_INPUT = [...OPERATORS.values()].map((operator) => ({
  name: operator.name,
  className: operator.className,
  parameters: operator.parameters.map(({ name }) => name),
  constructorParameters: operator.constructorParameters.map(({ name }) => name),
  fields: operator.resultFields,
}));

/**
 * Runs programs as Python in the sandbox, against a library of stub operators.
 *
 * @throws Error when the sandbox does not run them to their end
 */
export async function runAsPython(
  sandbox: SandboxServiceClient,
  cases: readonly BothCase[],
): Promise<Behaviour[]> {
  const found: Behaviour[] = [];
  for (let at = 0; at < cases.length; at += CHUNK)
    found.push(...(await runChunk(sandbox, cases.slice(at, at + CHUNK))));
  return found;
}

async function runChunk(sandbox: SandboxServiceClient, cases: readonly BothCase[]): Promise<Behaviour[]> {
  const lines = cases.map((item) => `${JSON.stringify(inputOf(item))}\n`);
  const limits = { wallMs: 60_000, cpuMs: 60_000, outputBytes: 16 * 1024 * 1024 };
  const request = ExecuteRequest.fromPartial({
    execution: { source: SCRIPT, stdin: Buffer.from(lines.join('')), limits },
  });
  const { result } = await unary(sandbox, 'execute', request, { deadlineMs: 120_000 });
  const isDone = result?.status === ExecutionStatus.EXECUTION_STATUS_EXITED && result.exitCode === 0;
  if (!isDone || result.stdoutTruncated)
    throw new Error(
      `the sandbox did not run the programs: ${result?.message ?? ''} ${result?.stderr.toString() ?? ''}`,
    );
  return result.stdout
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Behaviour);
}

function inputOf({ source, python, problem }: BothCase): object {
  const { program } = checkWorkflow(source);
  if (program === undefined) throw new Error(`the program is not valid:\n${source}`);
  return {
    source: python,
    className: program.className,
    problem,
    entryPoint: ENTRY_POINT,
    prompts: Object.fromEntries(program.prompts.map(({ name, text }) => [name, text])),
    operators: OPERATOR_INPUT,
    parameters: program.entry.parameters.length,
    attributes: attributesOf(program),
  };
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
