// Scripts and pictures that a terminal draws two columns wide (Unicode TR11, by blocks).
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
const NO_WIDTH = /^(?:[\p{Mn}\p{Me}\u200b-\u200f]|\u001b\[[\d;]*m)$/u;
/** A colour's escape sequence, or one character. */
const UNITS = /\u001b\[[\d;]*m|./gsu;
const COLORS = /\u001b\[[\d;]*m/g;
const HANGING = 4;

/** Columns that a text takes on a terminal; colours take none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const unit of unitsOf(text)) width += unitWidth(unit);
  return width;
}

/** Cuts a text to so many columns; an ellipsis stands for what is left out. */
export function cut(text: string, columns: number): string {
  return displayWidth(text) <= columns ? text : `${fitting(text, columns - 1)}…`;
}

/** Cuts a text to its last columns; an ellipsis stands for what came before. */
export function cutStart(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let width = 1;
  let tail = '';
  for (const unit of unitsOf(text).reverse()) {
    width += unitWidth(unit);
    if (width > columns) break;
    tail = unit + tail;
  }
  return `…${tail}`;
}

/**
 * Breaks a line of a program or of prose to so many columns, at spaces where it
 * can. What follows is indented by `hanging` more than the line itself. Colours
 * go on over the break.
 */
export function wrap(line: string, columns: number, hanging = HANGING): string[] {
  if (displayWidth(line) <= columns) return [line];
  const indent = /^ */.exec(line.replace(COLORS, ''))?.[0].length ?? 0;
  // Deep indentation must leave room for something.
  const margin = ' '.repeat(Math.min(indent + hanging, Math.floor(columns / 2)));
  const lines: string[] = [];
  let rest = line;
  while (displayWidth(rest) > columns) {
    const head = fitting(rest, columns);
    const start = /^(?:\u001b\[[\d;]*m| )*/.exec(head)?.[0].length ?? 0;
    const space = head.lastIndexOf(' ');
    // A space just behind the head ends a word as well.
    const end = rest[head.length] === ' ' ? head.length : space > start ? space : head.length;
    lines.push(rest.slice(0, end).trimEnd());
    rest = margin + rest.slice(end).replace(/^(?:\u001b\[[\d;]*m| )+/, (gap) => gap.replaceAll(' ', ''));
  }
  return [...lines, rest];
}

function fitting(text: string, columns: number): string {
  let head = '';
  let width = 0;
  for (const unit of unitsOf(text)) {
    width += unitWidth(unit);
    if (width > columns && head !== '') break;
    head += unit;
  }
  return head;
}

function unitsOf(text: string): string[] {
  return text.match(UNITS) ?? [];
}

function unitWidth(unit: string): number {
  return NO_WIDTH.test(unit) ? 0 : WIDE.test(unit) ? 2 : 1;
}
