import { codeBlocks } from './code-blocks.js';
import { topStatements } from './python-tree.js';
import { reduceCode } from './reduce-code.js';

/**
 * The program in a model's answer: reduced to what `entryPoint` needs where it
 * is defined, otherwise the code block that parses best, otherwise the text.
 *
 * @param entryPoint function that the program must define; empty for none
 */
export function extractCode(answer: string, entryPoint: string): string {
  const blocks = codeBlocks(answer);
  const candidates = [...blocks, blocks.join('\n\n'), answer];
  if (entryPoint !== '') {
    for (const candidate of candidates) {
      const reduced = reduceCode(candidate, entryPoint);
      if (reduced !== undefined) return reduced;
    }
  }
  const whole = blocks.filter(isProgram);
  return (longest(whole) ?? longest(blocks) ?? answer).trim();
}

function isProgram(block: string): boolean {
  const statements = topStatements(block);
  return statements.length > 0 && statements.every((statement) => !statement.broken);
}

function longest(texts: readonly string[]): string | undefined {
  return texts.reduce<string | undefined>(
    (best, text) => (best === undefined || text.length > best.length ? text : best),
    undefined,
  );
}
