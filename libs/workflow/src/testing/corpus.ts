import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A program of tests/corpus with what the checker must find in it. */
export interface CorpusProgram {
  /** Group and name, such as "aflow/single". */
  readonly name: string;
  readonly source: string;
  /** Diagnostic codes, each once, in order of the alphabet. */
  readonly codes: readonly string[];
}

const ROOT = fileURLToPath(new URL('../../../../tests/corpus/', import.meta.url));

/** Reads the corpus. */
export function readCorpus(): CorpusProgram[] {
  return readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.py'))
    .sort()
    .map((file) => {
      const expected = JSON.parse(
        readFileSync(`${ROOT}${file.replace(/\.py$/, '.expect.json')}`, 'utf8'),
      ) as {
        codes: string[];
      };
      return {
        name: file.replace(/\.py$/, ''),
        source: readFileSync(ROOT + file, 'utf8'),
        codes: expected.codes,
      };
    });
}
