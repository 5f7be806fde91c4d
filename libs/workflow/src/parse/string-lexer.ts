import type { Lexer } from './lexer.js';

const PREFIX = /([rR]?[bBfF]|[bBfF][rR]|[rRuU])?('''|"""|'|")/y;

/** The start of a string literal at an offset: prefix and quotes; undefined when there is none. */
export function stringPrefixAt(text: string, at: number): { prefix: string; quote: string } | undefined {
  PREFIX.lastIndex = at;
  const match = PREFIX.exec(text);
  return match ? { prefix: (match[1] ?? '').toLowerCase(), quote: match[2] ?? '"' } : undefined;
}

/** The quotes of the f-strings around an expression, outermost first. */
type Around = readonly string[];

/** Lexes a string literal at the lexer's position; false when it never ends. */
export function lexString(
  lexer: Lexer,
  start: { prefix: string; quote: string },
  around: Around = [],
): boolean {
  const begin = lexer.pos;
  const { prefix, quote } = start;
  lexer.pos += prefix.length + quote.length;
  if (prefix.includes('b')) {
    lexer.fail('FW021', begin, lexer.pos, 'bytes are not in the workflow language; use a plain string');
  }
  return prefix.includes('f')
    ? lexFormatString(lexer, begin, quote, prefix.includes('r'), around)
    : lexPlainString(lexer, begin, quote, prefix.includes('r'));
}

function lexPlainString(lexer: Lexer, begin: number, quote: string, raw: boolean): boolean {
  const { text, limit } = lexer;
  while (lexer.pos < limit) {
    if (text.startsWith(quote, lexer.pos) && lexer.pos + quote.length <= limit) {
      lexer.pos += quote.length;
      return true;
    }
    if (!stringCharacter(lexer, quote, raw)) break;
  }
  return unterminated(lexer, begin, quote);
}

function unterminated(lexer: Lexer, begin: number, quote: string): boolean {
  const lineEnd = lexer.text.slice(begin, lexer.limit).search(/[\r\n]/);
  const end = lineEnd < 0 ? lexer.limit : begin + lineEnd;
  lexer.fail('FW011', begin, end, `this string is never closed; end it with ${quote}`);
  return false;
}

/** Moves over one character or escape of a string; false at a line break that a one-line string can't hold. */
function stringCharacter(lexer: Lexer, quote: string, raw: boolean): boolean {
  const { text } = lexer;
  const char = text[lexer.pos] ?? '';
  if (char === '\\') {
    if (!raw) checkEscape(lexer);
    lexer.pos += text[lexer.pos + 1] === '\r' && text[lexer.pos + 2] === '\n' ? 3 : 2;
    return true;
  }
  if ((char === '\n' || char === '\r') && quote.length === 1) return false;
  lexer.pos++;
  return true;
}

const ESCAPE = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/y;

function checkEscape(lexer: Lexer): void {
  const kind = lexer.text[lexer.pos + 1] ?? '';
  if (!'xuUN'.includes(kind) || kind === '') return;
  ESCAPE.lastIndex = lexer.pos;
  const match = ESCAPE.exec(lexer.text);
  const tooGreat = match && kind === 'U' && parseInt(match[0].slice(2), 16) > 0x10ffff;
  if (match && !tooGreat) return;
  const message =
    kind === 'N'
      ? '"\\N{…}" is not in the workflow language; write the character itself'
      : `"\\${kind}" needs ${{ x: 2, u: 4, U: 8 }[kind as 'x' | 'u' | 'U']} hexadecimal digits of a character; double the backslash if it is meant as text`;
  lexer.fail('FW016', lexer.pos, lexer.pos + 2, message);
}

/** Nesting of f-strings and format specifications that CPython takes in all versions is 2; 3 is allowed for specs. */
const MAX_FORMAT_DEPTH = 4;

function lexFormatString(lexer: Lexer, begin: number, quote: string, raw: boolean, around: Around): boolean {
  const { text, limit } = lexer;
  if (around.length >= MAX_FORMAT_DEPTH) {
    lexer.fail('FW004', begin, lexer.pos, 'f-strings are nested too deep; use variables');
    return false;
  }
  while (lexer.pos < limit) {
    if (text.startsWith(quote, lexer.pos) && lexer.pos + quote.length <= limit) {
      lexer.pos += quote.length;
      return true;
    }
    const char = text[lexer.pos];
    if ((char === '{' || char === '}') && text[lexer.pos + 1] === char) lexer.pos += 2;
    else if (char === '{') {
      if (!lexReplacement(lexer, quote, around, 0)) return false;
    } else if (char === '}') {
      lexer.fail('FW017', lexer.pos, lexer.pos + 1, 'a single "}" in an f-string must be doubled: "}}"');
      lexer.pos++;
    } else if (!stringCharacter(lexer, quote, raw)) break;
  }
  return unterminated(lexer, begin, quote);
}

/** Lexes `{expression!r:spec}` at its opening brace. */
function lexReplacement(lexer: Lexer, quote: string, around: Around, nested: number): boolean {
  const { text, limit } = lexer;
  const open = lexer.pos;
  const depth = lexer.depth;
  lexer.pos++;
  const end = () => {
    lexer.fail(
      'FW017',
      open,
      open + 1,
      'this "{" of the f-string is never closed; double it ("{{") to mean the character',
    );
    return false;
  };
  let newStyle = false;
  while (lexer.pos < limit) {
    const char = text[lexer.pos] ?? '';
    if (lexer.depth === depth) {
      if (char === '}') {
        lexer.pos++;
        if (newStyle) noteNewStyle(lexer, open);
        return true;
      }
      if (char === '!' && text[lexer.pos + 1] !== '=') {
        if (!/^![sra][}:]/.test(text.slice(lexer.pos, lexer.pos + 3))) {
          lexer.fail('FW017', lexer.pos, lexer.pos + 2, 'after "!" in an f-string only r, s or a may stand');
          return false;
        }
        lexer.pos += 2;
        continue;
      }
      if (char === ':') {
        if (newStyle) noteNewStyle(lexer, open);
        return lexSpec(lexer, open, quote, around, nested);
      }
      if (/^lambda\b/.test(text.slice(lexer.pos, lexer.pos + 7))) {
        lexer.fail('FW017', lexer.pos, lexer.pos + 6, 'a lambda in an f-string needs parentheses');
      }
    }
    if (char === '\n' || char === '\r') {
      if (quote.length === 1) newStyle = true;
      lexer.pos++;
      continue;
    }
    if (char === '\\' || char === '#') newStyle = true;
    const start = stringPrefixAt(text, lexer.pos);
    if (start) {
      const from = lexer.pos;
      const quotes = [...around, quote];
      if (!lexString(lexer, start, quotes)) return end();
      const inner = text.slice(from, lexer.pos);
      if (quotes.some((outer) => inner.includes(outer)) || inner.includes('\\')) newStyle = true;
      if (quote.length === 1 && /[\r\n]/.test(inner)) newStyle = true;
      continue;
    }
    if (!lexer.token(char)) return false;
  }
  return end();
}

function noteNewStyle(lexer: Lexer, open: number): void {
  const message =
    'this f-string needs Python 3.12 or later (quotes, a backslash, a comment or a line break inside "{…}"); it was read as meant';
  lexer.note('FW706', open, lexer.pos, message);
}

/** Lexes `:spec}` at its colon. */
function lexSpec(lexer: Lexer, open: number, quote: string, around: Around, nested: number): boolean {
  const { text, limit } = lexer;
  lexer.pos++;
  while (lexer.pos < limit) {
    const char = text[lexer.pos];
    if (char === '}') {
      lexer.pos++;
      return true;
    }
    if (char === '{') {
      if (nested > 0) {
        lexer.fail(
          'FW017',
          lexer.pos,
          lexer.pos + 1,
          'format specifications are nested too deep; use a variable',
        );
        return false;
      }
      if (!lexReplacement(lexer, quote, around, nested + 1)) return false;
    } else if (char === '\\' || char === '\n' || char === '\r' || text.startsWith(quote, lexer.pos)) {
      break;
    } else lexer.pos++;
  }
  lexer.fail(
    'FW017',
    open,
    open + 1,
    'this "{" of the f-string is never closed; double it ("{{") to mean the character',
  );
  return false;
}
