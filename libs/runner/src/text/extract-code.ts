import { codeBlocks } from './code-blocks.js';
import { topStatements } from './python-tree.js';
import { reduceCode } from './reduce-code.js';

/**
 * The program in a model's answer: reduced to what `entryPoint` needs where it
 * is defined, otherwise the longest code block that is a program, otherwise the
 * longest block, otherwise the text.
 *
 * @param entryPoint function that the program must define; empty for none
 * @param given program around which the answer was asked for; see `reduceCode`
 */
export function extractCode(answer: string, entryPoint: string, given = ''): string {
  const blocks = codeBlocks(answer);
  const reduced = reducedOf(blocks, answer, entryPoint, given);
  if (reduced !== undefined) return reduced;
  return (longest(blocks.filter(isProgram)) ?? longest(blocks) ?? answer).trim();
}

/** Whether a text is or holds a program that defines a function. */
export function definesFunction(text: string, entryPoint: string): boolean {
  return reducedOf(codeBlocks(text), text, entryPoint, '') !== undefined;
}

function reducedOf(
  blocks: readonly string[],
  answer: string,
  entryPoint: string,
  given: string,
): string | undefined {
  if (entryPoint === '') return undefined;
  return reduceCode(blocks, entryPoint, given) ?? reduceCode([answer], entryPoint, given);
}

function isProgram(block: string): boolean {
  const statements = topStatements(block);
  return statements.length > 0 && statements.every(({ brokenAt }) => brokenAt === undefined);
}

function longest(texts: readonly string[]): string | undefined {
  let best: string | undefined;
  for (const text of texts) if (best === undefined || text.length > best.length) best = text;
  return best;
}
