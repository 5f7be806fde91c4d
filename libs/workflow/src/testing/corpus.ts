import { existsSync, readFileSync, readdirSync } from 'node:fs';
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

/** Path of the file that holds what is expected of a program. */
export function expectationPath(name: string): string {
  return `${ROOT}${name}.expect.json`;
}

/** Reads the corpus. */
export function readCorpus(): CorpusProgram[] {
  return readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.py'))
    .sort()
    .map((file) => {
      const name = file.replace(/\.py$/, '');
      const path = expectationPath(name);
      const expected: unknown = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
      const { diagnostics } = (expected ?? { diagnostics: [] }) as { diagnostics: readonly string[] };
      const codes = [...new Set(diagnostics.map((line) => line.slice(0, 5)))].sort();
      return { name, source: readFileSync(ROOT + file, 'utf8'), codes };
    });
}
