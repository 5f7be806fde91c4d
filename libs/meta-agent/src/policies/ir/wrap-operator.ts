import type { Program } from '@flowreasoner/workflow';
import { entryPointNode, problemNode } from './add-operator.js';
import { bound, freshName, replaceStatement, type OperatorStatement } from './edit-program.js';
import { pickAny, type IrMutation, type MutationTarget } from './mutation.js';
import {
  appendNode,
  argument,
  assignNode,
  breakIf,
  callStatement,
  fieldNode,
  intNode,
  nameNode,
  nowhere,
  repeatNode,
} from './nodes.js';

/** Operators that make something new each time, with the field that holds it. */
const generators: Readonly<Record<string, string>> = {
  custom: 'response',
  custom_code_generate: 'response',
};

function generating({ statements }: MutationTarget): OperatorStatement[] {
  return statements.filter(({ call }) => Object.hasOwn(generators, call.operator));
}

/** Asks again until the visible checks pass, at most so many times. */
export const wrapInRetry: IrMutation = {
  name: 'wrap in a retry',
  weight: 1.5,
  apply(target, random) {
    const { space } = target;
    if (space.task !== 'code' || !space.hasChecks || !space.operators.has('test')) return undefined;
    const chosen = pickAny(random, generating(target));
    if (chosen === undefined) return undefined;
    const { program, attribute } = bound(target.program, 'test');
    const checked = freshName(program, 'checked');
    const field = fieldNode(chosen.variable, generators[chosen.call.operator] ?? '');
    const test = callStatement(checked, 'test', attribute, [
      argument('problem', problemNode(program)),
      argument('solution', field),
      argument('entry_point', entryPointNode(program)),
      argument('test_loop', intNode(0)),
    ]);
    const body = [chosen.node, test, breakIf(fieldNode(checked, 'result'))];
    return replaceStatement(program, chosen.node, [repeatNode(pickAny(random, [2, 3, 4, 6, 8]) ?? 3, body)]);
  },
};

/** Asks several times and takes the most consistent answer. */
export const wrapInEnsemble: IrMutation = {
  name: 'wrap in an ensemble',
  weight: 1.5,
  apply(target, random) {
    if (!target.space.operators.has('sc_ensemble')) return undefined;
    const chosen = pickAny(random, generating(target));
    return chosen && ensembled(target.program, chosen, pickAny(random, [3, 4, 5, 6]) ?? 3);
  },
};

function ensembled(start: Program, { node, variable, call }: OperatorStatement, times: number): Program {
  const { program, attribute } = bound(start, 'sc_ensemble');
  const candidates = freshName(program, 'candidates');
  const field = fieldNode(variable, generators[call.operator] ?? '');
  const vote = callStatement(variable, 'sc_ensemble', attribute, [
    argument('solutions', nameNode(candidates)),
    argument('problem', problemNode(program)),
  ]);
  return replaceStatement(program, node, [
    assignNode(candidates, { kind: 'list', items: [], range: nowhere }),
    repeatNode(times, [node, appendNode(candidates, field)]),
    vote,
  ]);
}
