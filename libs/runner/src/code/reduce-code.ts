import { topStatements, type TopStatement } from './python-tree.js';

const DEFINITIONS = new Set(['FunctionDefinition', 'ClassDefinition', 'ImportStatement', 'AssignStatement']);

/** Greatest number of lines taken off the end while a whole function is looked for. */
const MAX_TRIMMED_LINES = 60;

/**
 * Reduces a program to what `entryPoint` needs: its definition (the last one),
 * and the imports, functions, classes and assignments that it reaches. Calls,
 * prints, tests and text are left out. Lines after a function that don't parse
 * are taken off.
 *
 * @returns undefined when the program does not define `entryPoint`
 */
export function reduceCode(source: string, entryPoint: string): string | undefined {
  const lines = source.split('\n');
  const most = Math.min(MAX_TRIMMED_LINES, lines.length - 1);
  let fallback: string | undefined;
  for (let dropped = 0; dropped <= most; dropped += 1) {
    const text = lines.slice(0, lines.length - dropped).join('\n');
    const statements = topStatements(text);
    const entry = statements.findLast((statement) => statement.defines.includes(entryPoint));
    if (entry === undefined) return fallback;
    const reduced = closure(text, statements, entry);
    if (!entry.broken) return reduced;
    fallback ??= reduced;
  }
  return fallback;
}

/** The statements that `entry` reaches, in their order. */
function closure(source: string, statements: readonly TopStatement[], entry: TopStatement): string {
  const byName = new Map<string, TopStatement[]>();
  for (const statement of statements) {
    if (!DEFINITIONS.has(statement.kind) || (statement.broken && statement !== entry)) continue;
    for (const name of statement.defines) byName.set(name, [...(byName.get(name) ?? []), statement]);
  }
  const needed = new Set<TopStatement>([entry]);
  for (const statement of needed) {
    for (const name of statement.uses) {
      for (const definition of byName.get(name) ?? []) {
        if (!definition.defines.some((defined) => entry.defines.includes(defined))) needed.add(definition);
      }
    }
  }
  // `from x import *` can give any name.
  const kept = statements.filter(
    (statement) =>
      needed.has(statement) ||
      (statement.kind === 'ImportStatement' && !statement.broken && isStarImport(source, statement)),
  );
  return layOut(source, kept);
}

function isStarImport(source: string, statement: TopStatement): boolean {
  return source.slice(statement.start, statement.end).endsWith('*');
}

/** Definitions stand apart by an empty line, imports and assignments don't. */
function layOut(source: string, statements: readonly TopStatement[]): string {
  let result = '';
  let before: TopStatement | undefined;
  for (const statement of statements) {
    if (before !== undefined) result += isLong(before) || isLong(statement) ? '\n\n' : '\n';
    result += source.slice(statement.start, statement.end);
    before = statement;
  }
  return `${result}\n`;
}

function isLong({ kind }: TopStatement): boolean {
  return kind === 'FunctionDefinition' || kind === 'ClassDefinition';
}
