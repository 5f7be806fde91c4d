const brackets: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
const number =
  /[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*(?:\.(?!\s|$)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)[jJ]?/y;
const word = /(?:True|False|None)\b/y;
const emptyCall = /(?:set|list|dict|tuple|frozenset)\(\s*\)/y;
const special = /float\(\s*(['"])-?(?:inf|nan)\1\s*\)/y;
const stringStart = /[rRbBuU]{0,2}('''|"""|'|")/y;
const maxDepth = 50;

/**
 * Where a Python literal that begins at `start` ends; undefined when none
 * begins there. Literals are numbers, strings, True, False, None, and lists,
 * tuples, sets and dicts of them.
 */
export function literalEnd(text: string, start: number, depth = 0): number | undefined {
  const at = skipSpace(text, start);
  const close = brackets[text[at] ?? ''];
  if (close !== undefined) return depth > maxDepth ? undefined : displayEnd(text, at, close, depth);
  return (
    stringsEnd(text, at, depth) ??
    matchEnd(word, text, at) ??
    matchEnd(emptyCall, text, at) ??
    matchEnd(special, text, at) ??
    matchEnd(number, text, at)
  );
}

/** Where the text goes on after white space. */
export function skipSpace(text: string, start: number): number {
  let at = start;
  while (/\s/.test(text[at] ?? '')) at++;
  return at;
}

/**
 * Where a bracketed expression that begins at `start` ends, strings and nested
 * brackets skipped; undefined when it never does.
 */
export function balancedEnd(text: string, start: number): number | undefined {
  const open: string[] = [];
  for (let at = start; at < text.length;) {
    const end = /['"]/.test(text[at] ?? '') ? stringEnd(text, at) : undefined;
    if (end !== undefined) {
      at = end;
      continue;
    }
    const character = text[at] ?? '';
    const close = brackets[character];
    if (close !== undefined) open.push(close);
    else if (')]}'.includes(character) && open.pop() !== character) return undefined;
    at++;
    if (open.length === 0) return at;
  }
  return undefined;
}

function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match === null || match[0] === '' ? undefined : at + match[0].length;
}

/** Inside brackets, adjacent strings are one. */
function stringsEnd(text: string, start: number, depth: number): number | undefined {
  let end = stringEnd(text, start);
  for (let next = end; depth > 0 && next !== undefined; next = stringEnd(text, skipSpace(text, next)))
    end = next;
  return end;
}

function stringEnd(text: string, start: number): number | undefined {
  stringStart.lastIndex = start;
  const match = stringStart.exec(text);
  const quote = match?.[1];
  if (match === null || quote === undefined) return undefined;
  for (let at = start + match[0].length; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text.startsWith(quote, at)) return at + quote.length;
    else if (text[at] === '\n' && quote.length === 1) return undefined;
  }
  return undefined;
}

function displayEnd(text: string, start: number, close: string, depth: number): number | undefined {
  let at = skipSpace(text, start + 1);
  while (text[at] !== close) {
    const item = literalEnd(text, at, depth + 1);
    if (item === undefined) return undefined;
    at = skipSpace(text, item);
    if (close === '}' && text[at] === ':') {
      const value = literalEnd(text, at + 1, depth + 1);
      if (value === undefined) return undefined;
      at = skipSpace(text, value);
    }
    if (text[at] === ',') at = skipSpace(text, at + 1);
    else if (text[at] !== close) return undefined;
  }
  return at + 1;
}
