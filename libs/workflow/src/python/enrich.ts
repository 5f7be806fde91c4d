import { Statements } from './statements.js';

const HELPERS = `    def tidy(self, text, width=20):
        words = [word for word in text.split() if word]
        return " ".join(words)[:width] if words else "-"

    async def draft(self, text, n=1):
        r = await self.custom(input=text, instruction=str(n))
        if len(r["response"]) > 5:
            r = await self.custom(input=r["response"][:9], instruction=text)
        return r["response"]

    async def later(self, text):
        [r] = await asyncio.gather(self.custom(input=text, instruction="later"))
        if r["response"] == "":
            return []
        return [self.draft(r["response"]), self.custom(input=text, instruction="last")]

    async def letters(self, text):
        r = await self.custom(input=text, instruction="letters")
        if r["response"] == "":
            return iter(text)
        return (letter + "." for letter in r["response"])

    async def take(self, letters, text):
        first = next(letters, "end")
        r = await self.custom(input=text, instruction=first)
        if r["response"] != "":
            first += next(letters, "end")
        return first + r["response"][:9]

`;

/** Puts random statements between those of a program of the grammar, and random expressions in the place of its instructions, with helpers that are awaited, gathered and share iterators. */
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
    if (isInside && /^ {8}\S/.test(line) && random() < 0.2) put(statements.helperCalls());
    if (isInside && line.startsWith('        return') && random() < 0.3)
      put(['t0 = self.tidy(t0, width=n0)']);
    if (line.startsWith('    async def __call__')) {
      lines.push(...HELPERS.split('\n').slice(0, -1), line);
      put(statements.start());
      isInside = true;
    } else lines.push(line.replace(/instruction="[^"\n]*"/, () => `instruction=${statements.instruction()}`));
  }
  return lines.join('\n');
}
