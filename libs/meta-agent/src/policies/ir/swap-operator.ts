import type { BoundArgument, Program } from '@flowreasoner/workflow';
import { entryPointNode, problemNode } from './add-operator.js';
import { bound, changeExpressions, withArguments, type OperatorStatement } from './edit-program.js';
import { pickAny, type IrMutation } from './mutation.js';
import { argument, stringNode } from './nodes.js';

interface Swap {
  readonly from: string;
  readonly to: string;
  /** The result's field, before and after. */
  readonly fields: readonly [string, string];
  readonly codeOnly?: boolean;
  /** The other operator's arguments. */
  change(args: ReadonlyMap<string, BoundArgument>, program: Program): BoundArgument[];
}

const kept = (args: ReadonlyMap<string, BoundArgument>, ...names: string[]): BoundArgument[] =>
  names.flatMap((name) => args.get(name) ?? []);
const renamed = (args: ReadonlyMap<string, BoundArgument>, from: string, to: string): BoundArgument[] =>
  kept(args, from).map((each) => argument(to, each.value));

const swaps: readonly Swap[] = [
  {
    from: 'custom_code_generate',
    to: 'custom',
    fields: ['response', 'response'],
    change: (args) => [...renamed(args, 'problem', 'input'), ...kept(args, 'instruction')],
  },
  {
    from: 'custom',
    to: 'custom_code_generate',
    fields: ['response', 'response'],
    codeOnly: true,
    change: (args, program) => [
      ...renamed(args, 'input', 'problem'),
      argument('entry_point', entryPointNode(program)),
      ...kept(args, 'instruction'),
    ],
  },
  {
    from: 'custom',
    to: 'answer_generate',
    fields: ['response', 'answer'],
    change: (args) => kept(args, 'input'),
  },
  {
    from: 'answer_generate',
    to: 'custom',
    fields: ['answer', 'response'],
    change: (args) => kept(args, 'input'),
  },
  {
    from: 'sc_ensemble',
    to: 'md_ensemble',
    fields: ['response', 'solution'],
    change: (args, program) => [
      ...kept(args, 'solutions'),
      args.get('problem') ?? argument('problem', problemNode(program)),
    ],
  },
  {
    from: 'md_ensemble',
    to: 'sc_ensemble',
    fields: ['solution', 'response'],
    change: (args) => kept(args, 'solutions', 'problem'),
  },
];

/** Puts an operator in another's place that does the same in another way. */
export const swapOperator: IrMutation = {
  name: 'swap an operator',
  weight: 1,
  apply({ program, space, statements }, random) {
    const choices = statements.flatMap((statement) =>
      swaps
        .filter(({ from, to, codeOnly }) => {
          const fits = codeOnly !== true || space.task === 'code';
          return from === statement.call.operator && space.operators.has(to) && fits;
        })
        .map((swap) => ({ statement, swap })),
    );
    const chosen = pickAny(random, choices);
    return chosen && swapped(program, chosen.statement, chosen.swap);
  },
};

function swapped(program: Program, statement: OperatorStatement, swap: Swap): Program {
  const args = new Map(statement.call.arguments.map((each) => [each.parameter, each]));
  const target = bound(program, swap.to);
  const changed = withArguments(target.program, statement, swap.change(args, program), {
    name: swap.to,
    attribute: target.attribute,
  });
  const [before, after] = swap.fields;
  return changeExpressions(changed, (node) => {
    if (node.kind !== 'subscript' || node.object.kind !== 'name') return node;
    const isField = node.index.kind === 'string' && node.index.value === before;
    return isField && node.object.name === statement.variable ? { ...node, index: stringNode(after) } : node;
  });
}
