import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runSource } from './testing/run-source.js';

interface Case {
  readonly source: string;
  readonly answer?: string;
  readonly error?: string;
}

/** Programs with the answer or the error class that CPython 3.11 gives with the same stub operators. */
const cases = JSON.parse(
  readFileSync(new URL('testing/semantics.json', import.meta.url), 'utf8'),
) as readonly Case[];

describe('Python semantics', () => {
  it.each(cases.map((item) => [item.source, item] as const))('%s', async (source, { answer, error }) => {
    for (const sequential of [true, false]) {
      const { outcome } = await runSource(source, { sequential });
      if (error === undefined) expect(outcome).toMatchObject({ status: 'succeeded', answer });
      else expect(outcome).toMatchObject({ status: 'failed', errorType: error });
    }
  });
});
