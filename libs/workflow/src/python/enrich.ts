import { Statements } from './statements.js';

const HELPER = `    def tidy(self, text, width=20):
        words = [word for word in text.split() if word]
        return " ".join(words)[:width] if words else "-"

`;

/** Puts random statements between those of a program of the grammar, and random expressions in the place of its instructions. */
export function enrich(program: string, random: () => number): string {
  const statements = new Statements(random);
  const lines: string[] = [];
  const put = (block: readonly string[]): void => {
    lines.push(...block.map((line) => `        ${line}`));
  };
  let isInside = false;
  for (const line of program.split('\n')) {
    // A line at the level of the method's body begins a statement.
    if (isInside && /^ {8}\S/.test(line) && random() < 0.6) put(statements.any());
    if (isInside && line.startsWith('        return') && random() < 0.3)
      put(['t0 = self.tidy(t0, width=n0)']);
    if (line.startsWith('    async def __call__')) {
      lines.push(...HELPER.split('\n').slice(0, -1), line);
      put(statements.start());
      isInside = true;
    } else lines.push(line.replace(/instruction="[^"\n]*"/, () => `instruction=${statements.instruction()}`));
  }
  return lines.join('\n');
}
