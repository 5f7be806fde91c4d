import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkWorkflow } from './check-workflow.js';
import { DIAGNOSTICS } from './diagnostic-codes.js';
import { programFromMessage, programToMessage } from './ir-codec.js';
import { similarity } from './similarity.js';
import { runByInterpreter } from './python/run-by-interpreter.js';
import { expectationPath, readCorpus } from './testing/corpus.js';
import { outline } from './testing/outline.js';

const corpus = readCorpus();
const expected = new Set(corpus.filter(({ name }) => existsSync(expectationPath(name))));
const PROBLEM = 'How many legs have 3 cats?';

/** All that is expected of a program, in a form that people can review. */
async function findings(source: string): Promise<object> {
  const { diagnostics, program, bounds, measures, valid } = checkWorkflow(source);
  const lines = diagnostics.map(({ code, severity, range, message }) => {
    const [from, to] = [`${range.startLine}:${range.startColumn}`, `${range.endLine}:${range.endColumn}`];
    return `${code} ${severity} ${from}-${to} ${message}`;
  });
  if (!valid || !program) return { diagnostics: lines };
  const { calls, status, value } = await runByInterpreter({ name: '', source, problem: PROBLEM });
  return {
    diagnostics: lines,
    program: outline(program),
    bounds,
    measures,
    calls: calls.map(([operator, args, given]) => JSON.stringify([operator, args, given])),
    result: `${status}: ${value}`,
  };
}

describe('the corpus', () => {
  it('holds every diagnostic code but those of size', () => {
    const found = new Set(corpus.flatMap((program) => program.codes));
    const missing = Object.keys(DIAGNOSTICS).filter((code) => !found.has(code));
    expect(missing).toEqual(['FW001', 'FW116']);
  });

  it('has at least 150 programs, and says what is expected of each', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(150);
    expect(corpus.filter((program) => !expected.has(program))).toEqual([]);
  });

  it.each(corpus)('$name is checked and run as expected', async ({ name, source }) => {
    // To write what is found, for review: npx vitest run --project unit libs/workflow/src/corpus.spec.ts -u
    const text = `${JSON.stringify(await findings(source), undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot(expectationPath(name));
  });

  it.each(corpus)('$name gives ranges inside its text', ({ source }) => {
    const { diagnostics, valid } = checkWorkflow(source);
    expect(valid).toBe(!diagnostics.some((item) => item.severity === 'error'));
    const lines = source.split(/\r\n|\r|\n/);
    for (const { range } of diagnostics) {
      expect(range.startLine).toBeLessThanOrEqual(lines.length);
      expect(range.startColumn).toBeLessThanOrEqual([...(lines[range.startLine - 1] ?? '')].length + 1);
      expect(range.endLine * 1e6 + range.endColumn).toBeGreaterThanOrEqual(
        range.startLine * 1e6 + range.startColumn,
      );
    }
  });

  const valid = corpus.filter((program) => checkWorkflow(program.source).valid);

  it.each(valid)('$name has a normal form that means the same', ({ source }) => {
    const first = checkWorkflow(source);
    const again = checkWorkflow(first.normalForm);
    expect(again.diagnostics.filter((item) => item.severity === 'error')).toEqual([]);
    expect(again.normalForm).toBe(first.normalForm);
    expect(again.measures).toEqual(first.measures);
    expect(again.bounds).toEqual(first.bounds);
    if (first.program && again.program) expect(similarity(first.program, again.program)).toBe(1);
  });

  it.each(valid)('$name survives the wire', ({ source }) => {
    const { program } = checkWorkflow(source);
    if (!program) throw new Error('a valid workflow has a program');
    expect(programFromMessage(programToMessage(program))).toEqual(program);
  });
});
