import type { Expression, Program, Statement } from '@flowreasoner/workflow';
import { bound, freshName, replaceStatement } from './edit-program.js';
import { pickAny, type IrMutation, type MutationTarget } from './mutation.js';
import { argument, callStatement, fieldNode, intNode, nameNode, nowhere, stringNode } from './nodes.js';

/** Puts an operator between the program's last value and its return. */
export const addOperator: IrMutation = {
  name: 'add an operator',
  weight: 2,
  apply(target, random) {
    const { program, space } = target;
    const last = program.entry.body.at(-1);
    if (last?.kind !== 'return' || last.value === undefined) return undefined;
    const canTest = space.task === 'code' && space.hasChecks;
    const choices = (canTest ? ['test', 'revise'] : ['revise', 'format']).filter(
      (name) => space.operators.has(name) && (name !== 'revise' || space.operators.has('review')),
    );
    const chosen = pickAny(random, choices);
    if (chosen === undefined) return undefined;
    const added = new Additions(target, last.value);
    if (chosen === 'revise') {
      const reviewed = added.call('review', []);
      added.call('revise', [argument('feedback', fieldNode(reviewed, 'feedback'))]);
    } else if (chosen === 'test') {
      const loops = intNode(pickAny(random, [1, 2, 3]) ?? 1);
      added.call('test', [argument('entry_point', entryPointNode(program)), argument('test_loop', loops)]);
    } else {
      added.call(chosen, []);
    }
    const value = fieldNode(added.lastVariable, 'solution');
    return replaceStatement(added.program, last, [...added.statements, { ...last, value }]);
  },
};

/** Statements that are put after one another, each on the program that the earlier ones left. */
class Additions {
  program: Program;
  lastVariable = '';
  readonly statements: Statement[] = [];

  constructor(
    target: MutationTarget,
    private readonly solution: Expression,
  ) {
    this.program = target.program;
  }

  /** Adds a call on the solution and returns the variable that holds its result. */
  call(operator: string, more: Parameters<typeof callStatement>[3]): string {
    const { program, attribute } = bound(this.program, operator);
    this.program = program;
    const variable = freshName(program, `${operator}_result`);
    const args = [argument('problem', problemNode(program)), argument('solution', this.solution), ...more];
    this.statements.push(callStatement(variable, operator, attribute, args));
    this.lastVariable = variable;
    return variable;
  }
}

/** The parameter that holds the problem. */
export function problemNode(program: Program): Expression {
  return nameNode(program.entry.parameters[0]?.name ?? 'problem');
}

/** The parameter that holds the function's name, or an empty text where the workflow has none. */
export function entryPointNode(program: Program): Expression {
  const name = program.entry.parameters.find((each) => each.name.includes('entry'))?.name;
  return name === undefined ? stringNode('') : { kind: 'name', name, range: nowhere };
}
