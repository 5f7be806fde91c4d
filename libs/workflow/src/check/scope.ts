import type { Expression, Statement } from '../ir.js';
import { eachChild, eachStatementExpression, statementBlocks } from '../walk.js';

/** The names that can be seen at a place, from the inside out. */
export class Scope {
  constructor(
    readonly names: ReadonlySet<string>,
    readonly parent: Scope | undefined,
  ) {}

  /** Whether a name is bound here or outside. */
  has(name: string): boolean {
    return this.names.has(name) || (this.parent?.has(name) ?? false);
  }

  /** All names that can be seen. */
  all(): string[] {
    return [...this.names, ...(this.parent?.all() ?? [])];
  }
}

/** Names that an assignment target binds. */
export function targetNames(target: Expression): string[] {
  switch (target.kind) {
    case 'name':
      return [target.name];
    case 'tuple':
    case 'list':
      return target.items.flatMap(targetNames);
    case 'starred':
      return targetNames(target.value);
    default:
      return [];
  }
}

/** Names that a block binds in its function, in order of appearance; nested functions keep their own. */
export function boundNames(block: readonly Statement[]): string[] {
  const names = new Set<string>();
  // The names that `:=` binds: also from inside comprehensions, not from lambdas.
  const addNamed = (expression: Expression): void => {
    if (expression.kind === 'named') names.add(expression.name);
    if (expression.kind !== 'lambda') eachChild(expression, addNamed);
  };
  const walk = (statements: readonly Statement[]): void => {
    for (const statement of statements) {
      if (statement.kind === 'functionDefinition') names.add(statement.name);
      else {
        for (const name of statementTargets(statement)) names.add(name);
        eachStatementExpression(statement, addNamed);
        if (statement.kind === 'try') {
          for (const handler of statement.handlers) if (handler.name !== '') names.add(handler.name);
        }
        for (const inner of statementBlocks(statement)) walk(inner);
      }
    }
  };
  walk(block);
  return [...names];
}

function statementTargets(statement: Statement): string[] {
  if (statement.kind === 'assign') return statement.targets.flatMap(targetNames);
  if (statement.kind === 'augmentedAssign' || statement.kind === 'for') return targetNames(statement.target);
  return [];
}
