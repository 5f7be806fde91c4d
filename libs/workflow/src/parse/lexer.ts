import type { DiagnosticCode } from '../diagnostic-codes.js';
import { lexString, stringPrefixAt } from './string-lexer.js';

/** Receives a finding at offsets of the text that is lexed. */
export type LexReport = (code: DiagnosticCode, start: number, end: number, message: string) => void;

/** What the lexical pass found out. */
export interface LexResult {
  /** Offset where the class ends: the first line that stands no deeper than it, or the end of the text. */
  readonly end: number;
  /** Whether no error was reported. */
  readonly ok: boolean;
}

/** CPython's own limits are 200 brackets and 100 indentations. */
const MAX_BRACKETS = 100;
const MAX_INDENTS = 60;
/** More prefix operators in a row than any program needs; each would take a node of the tree. */
const PREFIXES = /(?:(?:not\b|[-+~*])[ \t]*){101}/y;

const WORD = /[\p{XID_Start}_][\p{XID_Continue}]*/uy;
const NUMBER =
  /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][+-]?\d(?:_?\d)*)?|\d(?:_?\d)*\.?(?:[eE][+-]?\d(?:_?\d)*)?/y;
const OPERATOR = /\*\*=?|\/\/=?|<<=?|>>=?|->|:=|\.\.\.|[=!<>+\-*/%&|^@]=|[-+*/%&|^~<>=@.,:;]/y;

const FORBIDDEN = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * The strictness pass over one class, from the line of `class` to its end.
 * `@lezer/python` recovers from nearly everything without saying so; this pass
 * follows CPython's tokenizer and reports what that would refuse: unterminated
 * strings, bad numbers and escapes, unbalanced brackets, inconsistent
 * indentation, characters that begin no token.
 */
export function lexClass(text: string, start: number, limit: number, report: LexReport): LexResult {
  const lexer = new Lexer(text, start, limit, report);
  return lexer.run();
}

interface Column {
  /** With tabs to the next multiple of 8. */
  readonly wide: number;
  /** With tabs as one column; both must agree, or the order depends on the editor's tab size. */
  readonly narrow: number;
}

/** Lexes tokens; shared by the class pass and by the expressions inside f-strings. */
export class Lexer {
  ok = true;
  pos: number;
  private readonly brackets: { char: string; at: number }[] = [];

  constructor(
    readonly text: string,
    private readonly start: number,
    readonly limit: number,
    private readonly report: LexReport,
  ) {
    this.pos = start;
  }

  /** Reports an error. */
  fail(code: DiagnosticCode, start: number, end: number, message: string): void {
    this.ok = false;
    this.report(code, start, Math.max(end, start), message);
  }

  /** Reports something that is no error. */
  note(code: DiagnosticCode, start: number, end: number, message: string): void {
    this.report(code, start, end, message);
  }

  run(): LexResult {
    const indents: Column[] = [];
    let end = this.limit;
    while (this.pos < this.limit) {
      const lineStart = this.pos;
      const column = this.skipIndent();
      if (this.skipBlank()) continue;
      const top = indents.at(-1);
      const first = indents[0];
      if (first && column.wide <= first.wide && lineStart > this.start) {
        if (column.narrow <= first.narrow) {
          end = lineStart;
          break;
        }
      }
      if (!top) indents.push(column);
      else if (!this.indent(indents, top, column, lineStart)) return { end, ok: false };
      if (!this.logicalLine()) return { end, ok: false };
    }
    this.checkCharacters(end);
    return { end, ok: this.ok };
  }

  /** Characters that CPython refuses anywhere, in comments too. */
  private checkCharacters(end: number): void {
    FORBIDDEN.lastIndex = this.start;
    const match = FORBIDDEN.exec(this.text);
    if (!match || match.index >= end) return;
    this.fail('FW014', match.index, match.index + 1, 'this character cannot stand in a program; remove it');
  }

  private skipIndent(): Column {
    let wide = 0;
    let narrow = 0;
    for (; this.pos < this.limit; this.pos++) {
      const char = this.text[this.pos];
      if (char === ' ') wide++;
      else if (char === '\t') wide += 8 - (wide % 8);
      else break;
      narrow++;
    }
    return { wide, narrow };
  }

  /** Skips a line without tokens. */
  private skipBlank(): boolean {
    const char = this.text[this.pos];
    if (char === '#') this.skipComment();
    else if (char !== '\n' && char !== '\r' && this.pos < this.limit) return false;
    if (this.pos < this.limit) this.skipNewline();
    return true;
  }

  private skipComment(): void {
    while (this.pos < this.limit && this.text[this.pos] !== '\n' && this.text[this.pos] !== '\r') this.pos++;
  }

  private skipNewline(): void {
    if (this.text[this.pos] === '\r' && this.text[this.pos + 1] === '\n') this.pos++;
    this.pos++;
  }

  private indent(indents: Column[], top: Column, column: Column, lineStart: number): boolean {
    const tabs = 'tabs and spaces are mixed so that the indentation is ambiguous; indent with spaces only';
    const fail = (message: string) => {
      this.fail('FW013', lineStart, this.pos, message);
      return false;
    };
    if (column.wide === top.wide) return column.narrow === top.narrow || fail(tabs);
    if (column.wide > top.wide) {
      if (column.narrow <= top.narrow) return fail(tabs);
      indents.push(column);
      if (indents.length <= MAX_INDENTS) return true;
      this.fail(
        'FW004',
        lineStart,
        this.pos,
        `blocks are nested more than ${MAX_INDENTS} deep; use helper methods`,
      );
      return false;
    }
    while ((indents.at(-1)?.wide ?? 0) > column.wide) indents.pop();
    const level = indents.at(-1);
    if (!level || level.wide !== column.wide)
      return fail('this indentation matches no outer block; align the line with the block it belongs to');
    return level.narrow === column.narrow || fail(tabs);
  }

  /** Lexes to the end of a logical line; false when going on makes no sense. */
  private logicalLine(): boolean {
    while (this.pos < this.limit) {
      const char = this.text[this.pos] ?? '';
      if (char === '\n' || char === '\r') {
        this.skipNewline();
        if (this.brackets.length === 0) return true;
      } else if (!this.token(char)) return false;
    }
    const open = this.brackets.at(-1);
    if (open) {
      this.fail('FW012', open.at, open.at + 1, `"${open.char}" is never closed`);
      return false;
    }
    return true;
  }

  /**
   * Lexes one token, space or comment at `pos`, which is at no line break
   * outside brackets; false when going on makes no sense.
   */
  token(char: string): boolean {
    if (char === ' ' || char === '\t' || char === '\n' || char === '\r') {
      this.pos++;
      return true;
    }
    if (char === '#') {
      this.skipComment();
      return true;
    }
    if (char === '\\') return this.continuation();
    const prefix = stringPrefixAt(this.text, this.pos);
    if (prefix !== undefined) return lexString(this, prefix);
    if (char === '(' || char === '[' || char === '{') return this.openBracket(char);
    if (char === ')' || char === ']' || char === '}') return this.closeBracket(char);
    const next = this.text[this.pos + 1] ?? '';
    if (isDigit(char) || (char === '.' && isDigit(next))) return this.number();
    const start = this.pos;
    if (this.match(PREFIXES)) {
      this.fail('FW004', start, this.pos, 'this expression is nested too deep; use variables for its parts');
      return false;
    }
    if (this.match(WORD)) return true;
    if (this.match(OPERATOR)) return true;
    const code = this.text.codePointAt(this.pos) ?? 0;
    const shown = String.fromCodePoint(code);
    const what =
      code < 32 || code === 127 ? `control character U+${code.toString(16).padStart(4, '0')}` : `"${shown}"`;
    this.fail('FW014', this.pos, this.pos + shown.length, `${what} has no meaning here; remove it`);
    this.pos += shown.length;
    return true;
  }

  /** Open brackets now, for f-string expressions. */
  get depth(): number {
    return this.brackets.length;
  }

  private match(pattern: RegExp): boolean {
    pattern.lastIndex = this.pos;
    // A sticky pattern leaves its end behind, which spares a match's array.
    if (!pattern.test(this.text) || pattern.lastIndex > this.limit) return false;
    this.pos = pattern.lastIndex;
    return true;
  }

  private continuation(): boolean {
    const next = this.text[this.pos + 1];
    if (next !== '\n' && next !== '\r') {
      this.fail(
        'FW014',
        this.pos,
        this.pos + 1,
        'a backslash may stand only at the end of a line; remove it',
      );
      this.pos++;
      return true;
    }
    const at = this.pos;
    this.pos++;
    this.skipNewline();
    if (this.pos < this.limit) return true;
    this.fail('FW010', at, at + 1, 'the text ends after a backslash; remove it');
    return false;
  }

  private openBracket(char: string): boolean {
    this.brackets.push({ char, at: this.pos });
    this.pos++;
    if (this.brackets.length <= MAX_BRACKETS) return true;
    this.fail(
      'FW004',
      this.pos - 1,
      this.pos,
      `brackets are nested more than ${MAX_BRACKETS} deep; use variables`,
    );
    return false;
  }

  private closeBracket(char: string): boolean {
    const open = this.brackets.pop();
    this.pos++;
    if (open && CLOSING[open.char] === char) return true;
    const message = open
      ? `"${char}" does not close the "${open.char}" before it`
      : `"${char}" closes nothing`;
    this.fail('FW012', this.pos - 1, this.pos, message);
    return false;
  }

  private number(): boolean {
    const start = this.pos;
    this.match(NUMBER);
    const text = this.text.slice(start, this.pos);
    const after = this.pos;
    if (this.match(WORD) || isDigit(this.text[this.pos] ?? '')) {
      const word = this.text.slice(after, this.pos);
      const message = /^[jJ]$/.test(word)
        ? 'complex numbers are not in the workflow language'
        : `"${text}${word}" is not a number; put a space or an operator between number and name`;
      this.fail('FW015', start, this.pos, message);
    } else if (/^0[\d_]*[1-9]/.test(text) && /^[\d_]+$/.test(text)) {
      this.fail('FW015', start, this.pos, `"${text}" has leading zeros; write it without them`);
    }
    return true;
  }
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9' && char.length === 1;
}
