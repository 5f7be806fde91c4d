import type { Expression, Program } from '@flowreasoner/workflow';
import { changeExpressions, replaceStatement, type OperatorStatement } from './edit-program.js';
import { pickAny, type IrMutation } from './mutation.js';
import { intNode, itemNode, nowhere, stringNode } from './nodes.js';

const yes: Expression = { kind: 'bool', value: true, range: nowhere };

/** What stands for a field of an operator's result when the operator is gone. */
const standIns: Readonly<Record<string, Readonly<Record<string, (input: Expression) => Expression>>>> = {
  test: { solution: (input) => input, result: () => yes },
  review: { feedback: () => stringNode(''), review_result: () => yes },
  revise: { solution: (input) => input },
  format: { solution: (input) => input },
  sc_ensemble: { response: (input) => itemNode(input, intNode(0)) },
  md_ensemble: { solution: (input) => itemNode(input, intNode(0)) },
};

/** Takes an operator out that hands something on; what it was given takes its result's place. */
export const dropOperator: IrMutation = {
  name: 'drop an operator',
  weight: 1,
  apply({ program, statements }, random) {
    const chosen = pickAny(
      random,
      statements.filter(({ call }) => Object.hasOwn(standIns, call.operator)),
    );
    return chosen && without(program, chosen);
  },
};

function without(program: Program, { node, variable, call }: OperatorStatement): Program | undefined {
  const fields = standIns[call.operator] ?? {};
  const input = call.arguments.find((each) => ['solution', 'solutions'].includes(each.parameter))?.value;
  if (input === undefined) return undefined;
  let isUsedWhole = false;
  const replaced = changeExpressions(replaceStatement(program, node, []), (expression) => {
    if (expression.kind !== 'subscript') return expression;
    const { object, index } = expression;
    if (object.kind !== 'name' || object.name !== variable) return expression;
    const standIn = index.kind === 'string' ? fields[index.value] : undefined;
    if (standIn === undefined) isUsedWhole = true;
    return standIn?.(input) ?? expression;
  });
  return isUsedWhole ? undefined : replaced;
}
