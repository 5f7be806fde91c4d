import type { Expression, FunctionDefinition, Program } from '../ir.js';
import { childExpressions, visitStatements } from '../walk.js';

type BusyFunctions = ReadonlyMap<string, FunctionDefinition>;

/** Name of the method or local function that an expression calls; undefined for other expressions. */
export function calledFunction(node: Expression): string | undefined {
  if (node.kind === 'helperCall') return `self.${node.method}`;
  return node.kind === 'call' && node.function.kind === 'name' ? node.function.name : undefined;
}

/**
 * The methods and local functions that call operators, themselves or through
 * others, by the name under which they are called.
 */
export function busyFunctions(program: Program): BusyFunctions {
  const functions = new Map<string, FunctionDefinition>();
  for (const method of program.methods) functions.set(`self.${method.name}`, method);
  for (const { body } of [...program.methods, program.entry]) {
    visitStatements(body, {
      statement: (node) => {
        if (node.kind === 'functionDefinition' && !functions.has(node.name)) functions.set(node.name, node);
      },
    });
  }
  const busy = new Map<string, FunctionDefinition>();
  for (let found = true; found;) {
    found = false;
    for (const [name, definition] of functions) {
      if (busy.has(name) || !callsOperators(definition, busy)) continue;
      busy.set(name, definition);
      found = true;
    }
  }
  return busy;
}

function callsOperators({ body }: FunctionDefinition, busy: BusyFunctions): boolean {
  let found = false;
  visitStatements(body, {
    expression: (node) => {
      found ||= isCall(node, busy);
    },
  });
  return found;
}

/** Whether an expression calls an operator, itself or through a function. */
export function isBusy(node: Expression, busy: BusyFunctions): boolean {
  return isCall(node, busy) || childExpressions(node).some((child) => isBusy(child, busy));
}

function isCall(node: Expression, busy: BusyFunctions): boolean {
  return node.kind === 'operatorCall' || busy.has(calledFunction(node) ?? '');
}
