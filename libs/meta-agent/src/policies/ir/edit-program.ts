import {
  printString,
  printWorkflow,
  rewriteFunction,
  rewriteStatement,
  visitStatements,
  type Assign,
  type Await,
  type BoundArgument,
  type Expression,
  type FunctionDefinition,
  type Name,
  type OperatorCall,
  type Program,
  type Statement,
} from '@flowreasoner/workflow';
import { nowhere } from './nodes.js';

/** `x = await self.operator(…)`: what mutations work on. */
export interface OperatorStatement {
  readonly node: Assign;
  readonly variable: string;
  readonly call: OperatorCall;
}

/** Every such statement of a program, in order. */
export function operatorStatements(program: Program): OperatorStatement[] {
  const found: OperatorStatement[] = [];
  for (const { body } of functionsOf(program)) {
    visitStatements(body, {
      statement: (node) => {
        if (isOperatorAssign(node)) {
          found.push({ node, variable: node.targets[0].name, call: node.value.value });
        }
      },
    });
  }
  return found;
}

interface OperatorAssign extends Assign {
  readonly targets: readonly [Name];
  readonly value: Await & { readonly value: OperatorCall };
}

function isOperatorAssign(node: Statement): node is OperatorAssign {
  return (
    node.kind === 'assign' &&
    node.targets.length === 1 &&
    node.targets[0]?.kind === 'name' &&
    node.value.kind === 'await' &&
    node.value.value.kind === 'operatorCall'
  );
}

function functionsOf(program: Program): readonly FunctionDefinition[] {
  return [program.entry, ...program.methods];
}

/** The program with one statement replaced by others. */
export function replaceStatement(
  program: Program,
  target: Statement,
  replacement: readonly Statement[],
): Program {
  const replace = (block: readonly Statement[]): Statement[] =>
    block.flatMap((each) =>
      each === target ? replacement : [rewriteStatement(each, (expression) => expression, replace)],
    );
  return mapFunctions(program, (each) => ({ ...each, body: replace(each.body) }));
}

/** The program with every expression changed, from the inside out. */
export function changeExpressions(program: Program, change: (node: Expression) => Expression): Program {
  return mapFunctions(program, (each) => rewriteFunction(each, change));
}

function mapFunctions(
  program: Program,
  map: (definition: FunctionDefinition) => FunctionDefinition,
): Program {
  return { ...program, entry: map(program.entry), methods: program.methods.map(map) };
}

/** The program with a call's arguments replaced. */
export function withArguments(
  program: Program,
  { node, call }: OperatorStatement,
  args: readonly BoundArgument[],
  operator = { name: call.operator, attribute: call.attribute },
): Program {
  const changed = { ...call, arguments: args, operator: operator.name, attribute: operator.attribute };
  const value: Expression = { kind: 'await', value: changed, range: nowhere };
  return replaceStatement(program, node, [{ ...node, value }]);
}

/** The attribute that an operator is bound to, and the program that binds it. */
export function bound(program: Program, operator: string): { program: Program; attribute: string } {
  const known = program.bindings.find((each) => each.operator === operator && each.arguments.length === 0);
  if (known !== undefined) return { program, attribute: known.attribute };
  const taken = new Set([...program.bindings, ...program.attributes].map((each) => each.attribute));
  const attribute = unused(operator, taken);
  const binding = { attribute, operator, arguments: [], range: nowhere };
  return { program: { ...program, bindings: [...program.bindings, binding] }, attribute };
}

/** A variable that the program does not use yet. */
export function freshName(program: Program, base: string): string {
  const taken = new Set<string>();
  for (const { parameters, body } of functionsOf(program)) {
    for (const { name } of parameters) taken.add(name);
    visitStatements(body, {
      expression: (node) => {
        if (node.kind === 'name') taken.add(node.name);
      },
    });
  }
  return unused(base, taken);
}

function unused(base: string, taken: ReadonlySet<string>): string {
  for (let index = 1; ; index++) {
    const name = index === 1 ? base : `${base}_${index}`;
    if (!taken.has(name)) return name;
  }
}

/** The source of a program: its normal form and its prompts in their tags. */
export function printSource(program: Program, modification: string): string {
  const prompts = program.prompts.map(({ name, text }) => `${name} = ${printString(text)}\n`).join('');
  const section = prompts === '' ? '' : `\n<prompt>\n${prompts}</prompt>\n`;
  return `<modification>${modification}</modification>\n<graph>\n${printWorkflow(program)}</graph>\n${section}`;
}
