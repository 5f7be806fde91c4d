import type { SyntaxNode } from '@lezer/common';
import { isEmptyFunction } from './function-stub.js';
import { topStatements, type TopStatement } from './python-tree.js';

const DEFINITIONS: ReadonlySet<string> = new Set([
  'FunctionDefinition',
  'ClassDefinition',
  'ImportStatement',
  'AssignStatement',
  'UpdateStatement',
  'TypeDefinition',
]);

/** Lines taken off the end of a program that was cut off, at most. */
const MAX_CUT_LINES = 30;

/**
 * Reduces a program, given in one or more parts, to what `entryPoint` needs: its
 * last whole definition, and the imports, functions, classes and assignments
 * that it reaches. Calls, prints, tests and text are left out. Where a part was
 * cut off inside the only definition, the broken lines at its end are taken off.
 *
 * @param given a program around which the answer was asked for, such as the
 *   task's: whatever it defines beside the entry point is kept, because tests may
 *   use it, unless the answer defines it anew
 * @returns undefined when no part defines `entryPoint`
 */
export function reduceCode(parts: readonly string[], entryPoint: string, given = ''): string | undefined {
  const answered = parts.flatMap((part) => topStatements(part));
  const defining = answered.filter(
    (statement) => isDefinition(statement) && statement.defines.has(entryPoint),
  );
  const whole = defining.filter(
    (statement) => statement.brokenAt === undefined && !isEmptyFunction(statement),
  );
  const entry = whole.at(-1) ?? defining.at(-1);
  if (entry === undefined) return undefined;
  if (entry.brokenAt !== undefined) {
    const mended = parts.map((part) => (part.includes(entry.text) ? cutBrokenEnd(part) : part));
    if (mended.some((part, i) => part !== parts[i]))
      return reduceCode(mended, entryPoint, given) ?? entry.text;
  }
  const known = topStatements(given).filter(
    (statement) => isDefinition(statement) && !statement.defines.has(entryPoint),
  );
  const names = new Set(known.flatMap(({ defines }) => [...defines]));
  const redefined = answered.filter(
    (statement) => isDefinition(statement) && [...statement.defines].some((name) => names.has(name)),
  );
  const redefinedNames = new Set(redefined.flatMap(({ defines }) => [...defines]));
  const missing = known.filter(({ defines }) => [...defines].some((name) => !redefinedNames.has(name)));
  return layOut(reached([...missing, ...answered], new Set([...missing, ...redefined, entry]), entryPoint));
}

/** The wanted statements and all that they use, in their order. */
function reached(
  statements: readonly TopStatement[],
  wanted: Set<TopStatement>,
  entryPoint: string,
): readonly TopStatement[] {
  const byName = new Map<string, TopStatement[]>();
  for (const statement of statements) {
    if (!isDefinition(statement) || statement.defines.has(entryPoint)) continue;
    for (const name of statement.defines) {
      const definitions = byName.get(name);
      if (definitions === undefined) byName.set(name, [statement]);
      else definitions.push(statement);
    }
  }
  const seen = new Set<string>();
  // The set grows while it is walked.
  for (const statement of wanted) {
    for (const name of statement.uses) {
      if (seen.has(name)) continue;
      seen.add(name);
      for (const definition of byName.get(name) ?? []) wanted.add(definition);
    }
  }
  return statements.filter((statement) => wanted.has(statement) || isStarImport(statement));
}

/** Whether a statement only defines: `try: import …` does, `if __name__ == …: main()` does not. */
function isDefinition({ node }: TopStatement): boolean {
  return isDefiningNode(node);
}

function isDefiningNode(node: SyntaxNode): boolean {
  if (DEFINITIONS.has(node.name)) return true;
  if (node.name === 'TryStatement' || node.name === 'IfStatement')
    return node.getChildren('Body').every(onlyDefines);
  return node.name === 'StatementGroup' && onlyDefines(node);
}

function onlyDefines(block: SyntaxNode): boolean {
  for (let child = block.firstChild; child !== null; child = child.nextSibling) {
    if (!/^(:|;|PassStatement|Comment)$/.test(child.name) && !isDefiningNode(child)) return false;
  }
  return true;
}

/** `from x import *` can give any name. */
function isStarImport({ kind, text }: TopStatement): boolean {
  return kind === 'ImportStatement' && text.endsWith('*');
}

/** Takes lines off the end of a program until its last statement is whole; the program itself where none helps. */
function cutBrokenEnd(source: string): string {
  const text = source.trimEnd();
  const last = topStatements(text).at(-1);
  // An error before the end means something else than a program that was cut off.
  if (last?.brokenAt === undefined || text.slice(last.brokenAt).trim() !== '') return source;
  const lines = text.split('\n');
  for (let kept = lines.length - 1; kept >= Math.max(1, lines.length - MAX_CUT_LINES); kept -= 1) {
    const shorter = lines.slice(0, kept).join('\n');
    const end = topStatements(shorter).at(-1);
    if (end !== undefined && end.brokenAt === undefined && !isEmptyFunction(end)) return shorter;
  }
  return source;
}

/** Functions and classes stand apart by empty lines, imports and assignments don't. */
function layOut(statements: readonly TopStatement[]): string {
  let result = '';
  let before: TopStatement | undefined;
  for (const statement of statements) {
    if (before !== undefined) result += isLong(before) || isLong(statement) ? '\n\n' : '\n';
    result += statement.text;
    before = statement;
  }
  return `${result}\n`;
}

function isLong({ kind }: TopStatement): boolean {
  return kind === 'FunctionDefinition' || kind === 'ClassDefinition';
}
