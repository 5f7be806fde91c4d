import { balancedEnd, literalEnd, skipSpace } from './python-literal.js';

/** Cases found in a text, each an assert statement. */
export type Asserts = readonly string[];

interface Doctest {
  readonly code: string;
  readonly expected: string;
}

/**
 * Asserts from `>>>` examples. Examples that expect an exception, that print
 * something else than a literal, or that need what an earlier example did are
 * left out.
 */
export function assertsOfDoctests(text: string, entryPoint: string): Asserts {
  return splitDoctests(text).flatMap((example) => assertOf(example, entryPoint) ?? []);
}

function splitDoctests(text: string): Doctest[] {
  const examples: Doctest[] = [];
  let code: string[] = [];
  let expected: string[] = [];
  const end = (): void => {
    if (code.length > 0) examples.push({ code: code.join('\n'), expected: expected.join('\n').trim() });
    code = [];
    expected = [];
  };
  for (const line of text.split('\n')) {
    const begin = /^\s*>>> ?(.*)$/.exec(line);
    const more = /^\s*\.\.\.(?: (.*))?$/.exec(line);
    if (begin !== null) {
      end();
      code.push(begin[1] ?? '');
    } else if (more !== null && code.length > 0 && expected.length === 0) {
      code.push(more[1] ?? '');
    } else if (code.length > 0) {
      if (line.trim() === '') end();
      else expected.push(line.trim());
    }
  }
  end();
  return examples;
}

function assertOf({ code, expected }: Doctest, entryPoint: string): string | undefined {
  const call = code.replace(/\s+#[^'"]*$/, '').trim();
  if (!callsFunction(call, entryPoint) || !isClosedExpression(call, entryPoint)) return undefined;
  const printed = /^print\(([\s\S]*)\)$/.exec(call)?.[1];
  if (printed !== undefined) {
    return expected === '' ? undefined : `assert str(${printed}) == ${pythonString(expected)}`;
  }
  // A literal may be followed by a remark, never by more of the output.
  const end = literalEnd(expected, 0);
  if (end === undefined || !/^\s*(?:#.*)?$/.test(expected.slice(end))) return undefined;
  const value = expected.slice(0, end).trim();
  return `assert ${call} == ${value}`;
}

/** Whether the expression calls the function. */
export function callsFunction(code: string, entryPoint: string): boolean {
  return new RegExp(`(?<![\\w.])${entryPoint}\\s*\\(`).test(code);
}

/**
 * Whether code is one expression that names nothing but the function and
 * builtins: it is a call whose arguments are literals, or such a call inside
 * calls of builtins.
 */
function isClosedExpression(code: string, entryPoint: string): boolean {
  const open = /^([A-Za-z_]\w*)\s*(?=\()/.exec(code);
  if (open?.[1] === undefined) return false;
  const end = balancedEnd(code, open[0].length);
  if (end !== code.length) return false;
  const args = splitArguments(code.slice(open[0].length + 1, -1));
  if (args === undefined) return false;
  const isKnown = open[1] === entryPoint || builtins.has(open[1]);
  return isKnown && args.every((each) => isLiteral(each) || isClosedExpression(each, entryPoint));
}

const builtins = new Set([
  'abs', 'all', 'any', 'bool', 'dict', 'float', 'frozenset', 'int', 'len', 'list', 'max', 'min', 'print',
  'range', 'repr', 'round', 'set', 'sorted', 'str', 'sum', 'tuple',
]); // prettier-ignore

function isLiteral(text: string): boolean {
  const end = literalEnd(text, 0);
  return end !== undefined && text.slice(end).trim() === '';
}

/** Values of a call's arguments; undefined when they can't be told apart. */
function splitArguments(text: string): string[] | undefined {
  const values: string[] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    const character = text[at] ?? ',';
    if (character === ',') {
      values.push(text.slice(start, at));
      start = at + 1;
    } else if (/[[({'"]/.test(character)) {
      const end = /['"]/.test(character) ? literalEnd(text, at) : balancedEnd(text, at);
      if (end === undefined) return undefined;
      at = end - 1;
    }
  }
  const named = values.map((value) => value.replace(/^\s*[A-Za-z_]\w*\s*=(?!=)/, '').trim());
  if (named.at(-1) === '') named.pop();
  return named;
}

/** A text as a Python string literal. */
function pythonString(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (each) => {
    return `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

const separators =
  /^\s*(?:\)?\s*)(?:={1,2}>|-{1,2}>|==|➞|→|⇒|#\s*=>|#\s*returns?:?|returns?:?|should return|should be|gives|is|=|:)\s*/;

/**
 * Asserts from examples in running text, such as `f(2) == 3`, `f(2) ➞ 3` or
 * `f(2) returns 3`.
 */
export function assertsOfArrows(text: string, entryPoint: string): Asserts {
  const asserts: string[] = [];
  const pattern = new RegExp(`(?<![\\w.])${entryPoint}\\s*(?=\\()`, 'g');
  for (const match of text.matchAll(pattern)) {
    const open = match.index + match[0].length;
    const end = balancedEnd(text, open);
    if (end === undefined) continue;
    const call = text.slice(match.index, end);
    const separator = separators.exec(text.slice(end));
    if (separator === null || !isClosedExpression(call, entryPoint)) continue;
    const start = skipSpace(text, end + separator[0].length);
    const stop = literalEnd(text, start) ?? truthEnd(text, start);
    if (stop === undefined || goesOn(text.slice(stop))) continue;
    const value = text
      .slice(start, stop)
      .replace(/^(?:true|false)$/, (word) => (word === 'true' ? 'True' : 'False'));
    asserts.push(`assert ${call} == ${value}`);
  }
  return asserts;
}

/** Prose often writes truth values of other languages. */
function truthEnd(text: string, start: number): number | undefined {
  const match = /^(?:true|false)\b/.exec(text.slice(start));
  return match === null ? undefined : start + match[0].length;
}

/** Whether what follows a literal makes it part of something larger. */
function goesOn(rest: string): boolean {
  return /^(?:[\w.([]*\w|[([])|^\s*(?:[-+*/%|&^<>=]|(?:if|or|and|in|not|for)\b)|^[ \t]*,[ \t]*[\d'"([{-]/.test(
    rest,
  );
}
