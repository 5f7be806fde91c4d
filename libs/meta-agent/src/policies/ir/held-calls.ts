import {
  checkWorkflow,
  printExpression,
  visitExpression,
  visitStatements,
  type Expression,
  type OperatorCall,
  type Program,
} from '@flowreasoner/workflow';

/** The calls of a seed workflow that no later one may change. */
export interface HeldCalls {
  /** Names of `hold` that the seed workflow has no call for. */
  readonly unknown: readonly string[];
  /** Each held call as it is written, with the prompts it names, and how often it stands there. */
  readonly calls: ReadonlyMap<string, number>;
}

/** What is held of a workflow that holds nothing. */
export const nothingHeld: HeldCalls = { unknown: [], calls: new Map() };

/**
 * Finds the calls that are to be held.
 *
 * @param hold operators such as `test`, or call sites such as `test@12`
 */
export function heldCalls(source: string, hold: readonly string[]): HeldCalls {
  if (hold.length === 0) return nothingHeld;
  const { program } = checkWorkflow(source);
  if (program === undefined) return { unknown: [...hold], calls: new Map() };
  const found = callsOf(program);
  const wanted = hold.map((name) => {
    const [operator, line] = name.split('@');
    return found.filter(
      (call) => call.operator === operator && (line === undefined || call.range.startLine === Number(line)),
    );
  });
  const calls = new Map<string, number>();
  for (const call of new Set(wanted.flat())) {
    const text = callText(program, call);
    calls.set(text, (calls.get(text) ?? 0) + 1);
  }
  return { unknown: hold.filter((_, index) => wanted[index]?.length === 0), calls };
}

/** What a workflow does to held calls; undefined when it leaves them as they are. */
export function holdProblem(source: string, held: HeldCalls): string | undefined {
  if (held.calls.size === 0) return undefined;
  const { program } = checkWorkflow(source);
  if (program === undefined) return undefined;
  const texts = callsOf(program).map((call) => callText(program, call));
  for (const [text, count] of held.calls) {
    if (texts.filter((each) => each === text).length >= count) continue;
    const call = text.split('\n', 1)[0];
    return `This call has to stay as it is, with the texts it names: ${call}`;
  }
  return undefined;
}

/** Whether a call is one of those that are held. */
export function isHeld(program: Program, call: OperatorCall, held: HeldCalls): boolean {
  return held.calls.size > 0 && held.calls.has(callText(program, call));
}

function callsOf(program: Program): OperatorCall[] {
  const calls: OperatorCall[] = [];
  for (const { body } of [program.entry, ...program.methods]) {
    visitStatements(body, {
      expression: (node: Expression) => {
        if (node.kind === 'operatorCall') calls.push(node);
      },
    });
  }
  return calls;
}

/** A call as it is written in the normal form, followed by the prompts it names. */
function callText(program: Program, call: OperatorCall): string {
  const prompts: string[] = [];
  visitExpression(call, (node) => {
    if (node.kind !== 'prompt') return;
    const text = program.prompts.find((prompt) => prompt.name === node.name)?.text;
    prompts.push(`${node.name} = ${JSON.stringify(text)}`);
  });
  return [printExpression(call), ...prompts].join('\n');
}
