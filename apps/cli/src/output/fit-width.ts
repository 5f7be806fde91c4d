// Scripts and pictures that a terminal draws two columns wide (Unicode TR11, by blocks).
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
const NO_WIDTH = /^[\p{Mn}\p{Me}\u200b-\u200f]$/u;
const HANGING = 4;

/** Columns that a text without control characters takes on a terminal. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) width += NO_WIDTH.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

/** Cuts a text to so many columns; an ellipsis stands for what is left out. */
export function cut(text: string, columns: number): string {
  return displayWidth(text) <= columns ? text : `${fitting(text, columns - 1)}…`;
}

/**
 * Breaks a line of a program or of prose to so many columns, at spaces where it
 * can. What follows is indented by four more than the line itself.
 */
export function wrap(line: string, columns: number): string[] {
  if (displayWidth(line) <= columns) return [line];
  const indent = /^ */.exec(line)?.[0].length ?? 0;
  // Deep indentation must leave room for something.
  const hanging = ' '.repeat(Math.min(indent + HANGING, Math.floor(columns / 2)));
  const lines: string[] = [];
  let rest = line;
  while (displayWidth(rest) > columns) {
    const head = fitting(rest, columns);
    const start = /^ */.exec(head)?.[0].length ?? 0;
    const space = head.lastIndexOf(' ');
    // A space just behind the head ends a word as well.
    const end = rest[head.length] === ' ' ? head.length : space > start ? space : head.length;
    lines.push(rest.slice(0, end).trimEnd());
    rest = `${hanging}${rest.slice(end).trimStart()}`;
  }
  return [...lines, rest];
}

function fitting(text: string, columns: number): string {
  let head = '';
  let width = 0;
  for (const char of text) {
    width += displayWidth(char);
    if (width > columns && head !== '') break;
    head += char;
  }
  return head;
}
