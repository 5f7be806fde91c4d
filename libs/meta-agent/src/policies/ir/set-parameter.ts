import { visitStatements, type For, type Program } from '@flowreasoner/workflow';
import { replaceStatement, withArguments, type OperatorStatement } from './edit-program.js';
import { pickAny, type IrMutation } from './mutation.js';
import { argument, intNode, repeatNode } from './nodes.js';

/** Parameters that are numbers, with the values they may take. */
const ranges: Readonly<Record<string, readonly [parameter: string, ...values: number[]]>> = {
  multi_generate: ['n', 2, 3, 4, 6, 8, 12],
  test: ['test_loop', 0, 1, 2, 3],
};
const repeats = [2, 3, 4, 5, 6, 8];

/** Changes how many samples are drawn, how often something is mended, or how often a loop goes round. */
export const setParameter: IrMutation = {
  name: 'set a parameter',
  weight: 2,
  apply({ program, statements, isHeld }, random) {
    const calls = statements.filter(({ call }) => Object.hasOwn(ranges, call.operator));
    const loops = countedLoops(program, isHeld);
    const chosen = pickAny(random, [...calls, ...loops]);
    if (chosen === undefined) return undefined;
    if (!('kind' in chosen)) return withNumber(program, chosen, random);
    const times = pickAny(random, repeats) ?? 2;
    const repeated = repeatNode(times, chosen.body);
    if (repeated.kind !== 'for') return undefined;
    return replaceStatement(program, chosen, [{ ...chosen, iterable: repeated.iterable }]);
  },
};

function withNumber(
  program: Program,
  statement: OperatorStatement,
  random: Parameters<IrMutation['apply']>[1],
): Program | undefined {
  const [parameter = '', ...values] = ranges[statement.call.operator] ?? [];
  const value = argument(parameter, intNode(pickAny(random, values) ?? 1));
  const others = statement.call.arguments.filter((each) => each.parameter !== parameter);
  return withArguments(program, statement, [...others, value]);
}

/** Loops over `range` of one number, without any held call inside. */
function countedLoops(program: Program, isHeld: Parameters<IrMutation['apply']>[0]['isHeld']): For[] {
  const loops: For[] = [];
  for (const { body } of [program.entry, ...program.methods]) {
    visitStatements(body, {
      statement: (node) => {
        if (node.kind === 'for' && isCounted(node) && !holdsAny(node, isHeld)) loops.push(node);
      },
    });
  }
  return loops;
}

function isCounted({ iterable }: For): boolean {
  return (
    iterable.kind === 'call' &&
    iterable.function.kind === 'builtin' &&
    iterable.function.name === 'range' &&
    iterable.arguments.length === 1 &&
    iterable.arguments[0]?.value.kind === 'int'
  );
}

function holdsAny(loop: For, isHeld: Parameters<IrMutation['apply']>[0]['isHeld']): boolean {
  let found = false;
  visitStatements(loop.body, {
    expression: (node) => {
      if (node.kind === 'operatorCall' && isHeld(node)) found = true;
    },
  });
  return found;
}
