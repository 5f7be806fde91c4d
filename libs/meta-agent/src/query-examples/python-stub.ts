import { balancedEnd } from './python-literal.js';

/** The function that a query asks for, as far as its text shows one. */
export interface PythonStub {
  readonly entryPoint: string;
  /** Text of its docstring as written, without quotes; empty when it has none. */
  readonly docstring: string;
}

const definition = /^(?:async[ \t]+)?def[ \t]+([A-Za-z_]\w*)[ \t]*(?=\()/gm;
const docstringStart = /^(?:[ \t]*(?:#[^\n]*)?\n|[ \t]+)*([rR]?)("""|''')/;
const returnType = /^[ \t]*(?:->[^:\n]*(?:\[[^\n]*\][^:\n]*)?)?:/;

/**
 * Finds the function that a query asks for: the one of the given name, or the
 * last one that begins a line (helpers stand before what they help). Nothing is
 * found where no line begins with `def`.
 */
export function findStub(query: string, entryPoint: string): PythonStub | undefined {
  const found = [...query.matchAll(definition)].filter(
    (match) => entryPoint === '' || match[1] === entryPoint,
  );
  const last = found.at(-1);
  if (last?.[1] === undefined) return undefined;
  const end = balancedEnd(query, last.index + last[0].length);
  const docstring = end === undefined ? '' : docstringAt(query.slice(end));
  return { entryPoint: last[1], docstring };
}

/** The docstring that follows a parameter list. */
function docstringAt(rest: string): string {
  const head = returnType.exec(rest);
  if (head === null) return '';
  const body = rest.slice(head[0].length);
  const start = docstringStart.exec(body);
  const [whole, prefix, quote] = start ?? [];
  if (whole === undefined || quote === undefined) return '';
  const end = body.indexOf(quote, whole.length);
  const text = body.slice(whole.length, end < 0 ? undefined : end);
  // Writers of docstrings escape a backslash or not; what the examples mean is one.
  return prefix === '' ? text.replaceAll('\\\\', '\\') : text;
}
