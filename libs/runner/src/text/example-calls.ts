import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/python';

/** Characters of one call. */
const MAX_CALL_LENGTH = 500;
/** Places in a text that are looked at. */
const MAX_PLACES = 100;

/** Nodes of literal values; with them a call means the same everywhere. */
const LITERALS: ReadonlySet<string> = new Set([
  'Number',
  'String',
  'ContinuedString',
  'Boolean',
  'None',
  'ArrayExpression',
  'TupleExpression',
  'DictionaryExpression',
  'SetExpression',
  'ParenthesizedExpression',
  'UnaryExpression',
]);

/**
 * The calls of a function with literal arguments that a text shows, in doctests,
 * asserts or prose, such as "f(1, [2])", without repetition.
 *
 * @param name the function; calls of `candidate` count as its calls too
 * @param limit greatest number of calls
 */
export function exampleCalls(text: string, name: string, limit: number): readonly string[] {
  if (!/^\w+$/.test(name)) return [];
  const calls = new Set<string>();
  let places = 0;
  for (const match of text.matchAll(new RegExp(`\\b(?:${name}|candidate)\\(`, 'g'))) {
    places += 1;
    if (calls.size >= limit || places > MAX_PLACES) break;
    const list = argumentsOf(text.slice(match.index, match.index + MAX_CALL_LENGTH));
    if (list !== undefined && isLiteralList(list.node)) calls.add(`${name}${list.text}`);
  }
  return [...calls];
}

/**
 * Calls made from others by changing one argument: other numbers, empty and
 * reversed sequences. They show where two programs differ; what is right for
 * them nobody knows.
 */
export function derivedCalls(calls: readonly string[], limit: number): readonly string[] {
  const derived = new Set<string>();
  for (const call of calls) {
    for (
      let argument = argumentsOf(call)?.node.firstChild ?? null;
      argument !== null;
      argument = argument.nextSibling
    ) {
      for (const other of variants(argument.name, call.slice(argument.from, argument.to))) {
        if (derived.size >= limit) return [...derived];
        const changed = call.slice(0, argument.from) + other + call.slice(argument.to);
        if (!calls.includes(changed)) derived.add(changed);
      }
    }
  }
  return [...derived];
}

function variants(kind: string, text: string): readonly string[] {
  switch (kind) {
    case 'Number':
      return [`${text} + 1`, '0', `-${text}`];
    case 'String':
    case 'ContinuedString':
      return [`(${text})[::-1]`, "''"];
    case 'ArrayExpression':
      return [`${text}[::-1]`, '[]'];
    default:
      return [];
  }
}

/** The argument list of the call that a text begins with. */
function argumentsOf(text: string): { readonly node: SyntaxNode; readonly text: string } | undefined {
  let node: SyntaxNode | null;
  try {
    node = parser.parse(text).topNode;
  } catch {
    return undefined;
  }
  // The call stands leftmost: in `f(1) == 2` and `f(1)[0]` below other nodes.
  for (; node !== null; node = node.firstChild) {
    const list =
      node.name === 'CallExpression' && node.firstChild?.name === 'VariableName' ? node.lastChild : null;
    if (list !== null) return { node: list, text: text.slice(list.from, list.to) };
  }
  return undefined;
}

function isLiteralList(list: SyntaxNode): boolean {
  if (list.lastChild?.name !== ')') return false;
  let isLiteral = true;
  list.cursor().iterate((child) => {
    const isMark = child.name.length <= 2 || child.name === 'ArithOp' || child.name === 'AssignOp';
    const isKeyword = child.name === 'VariableName' && child.node.nextSibling?.name === 'AssignOp';
    if (child.name !== 'ArgList' && !LITERALS.has(child.name) && !isMark && !isKeyword) isLiteral = false;
    // Errors of the grammar have a name of one character.
    if (child.type.isError) isLiteral = false;
  });
  return isLiteral;
}
