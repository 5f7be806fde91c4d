import { parser } from '@lezer/python';
import { balancedEnd } from './python-literal.js';
import { callsFunction, type Asserts } from './doctests.js';

const begin = /^[ \t]*(?:>>> )?(assert\b[^\n]*)/gm;
const calledName = /\bassert\s+(?:not\s+)?(?:[a-z]+\()*([A-Za-z_]\w*)\s*\(/;
const builtins = new Set([
  'set',
  'sorted',
  'list',
  'tuple',
  'len',
  'sum',
  'abs',
  'round',
  'str',
  'int',
  'all',
  'any',
]);

/** Assert statements that stand on lines of their own and call the function. */
export function assertsOfQuery(query: string, entryPoint: string): Asserts {
  return [...query.matchAll(begin)].flatMap((match) => {
    const start = match.index + match[0].length - (match[1] ?? '').length;
    const statement = statementAt(query, start);
    return statement !== undefined && callsFunction(statement, entryPoint) ? [statement] : [];
  });
}

/** Name of the function that the query's assert statements call; undefined without such statements. */
export function functionOfAsserts(query: string): string | undefined {
  for (const [, line = ''] of query.matchAll(begin)) {
    const name = calledName.exec(line)?.[1];
    if (name !== undefined && !builtins.has(name)) return name;
  }
  return undefined;
}

/** The statement that begins at `start`: to the end of its line, or of the line that closes its brackets. */
function statementAt(text: string, start: number): string | undefined {
  let end = start;
  while (end < text.length && text[end] !== '\n') {
    const bracketEnd = /[[({]/.test(text[end] ?? '') ? balancedEnd(text, end) : undefined;
    end = bracketEnd ?? end + 1;
  }
  const statement = text.slice(start, end).trim();
  return isPython(statement) ? statement : undefined;
}

function isPython(statement: string): boolean {
  let fine = true;
  parser.parse(`${statement}\n`).iterate({
    enter: (node) => {
      if (node.type.isError) fine = false;
    },
  });
  return fine;
}
