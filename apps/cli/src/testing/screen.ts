/**
 * What a terminal shows after a text, without colours: carriage returns, line
 * feeds and the erasing of lines are carried out, other escape sequences ignored.
 */
export function screen(text: string): string[] {
  const lines: string[][] = [[]];
  let column = 0;
  for (const [token] of text.matchAll(/\u001b\[[?\d;]*[A-Za-z]|[^]/gu)) {
    const line = lines.at(-1) ?? [];
    if (token === '\n') {
      lines.push([]);
      column = 0;
    } else if (token === '\r') column = 0;
    else if (token === '\u001b[2K') line.length = 0;
    else if (token === '\u001b[K') line.length = Math.min(line.length, column);
    else if (!token.startsWith('\u001b')) line[column++] = token;
  }
  return lines.map((line) =>
    Array.from(line, (char) => char ?? ' ')
      .join('')
      .trimEnd(),
  );
}
