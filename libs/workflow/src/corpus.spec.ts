import { describe, expect, it } from 'vitest';
import { checkWorkflow } from './check-workflow.js';
import { DIAGNOSTICS } from './diagnostic-codes.js';
import { programFromMessage, programToMessage } from './ir-codec.js';
import { similarity } from './similarity.js';
import { readCorpus } from './testing/corpus.js';

const corpus = readCorpus();

describe('the corpus', () => {
  it('holds every diagnostic code but those of size', () => {
    const found = new Set(corpus.flatMap((program) => program.codes));
    const missing = Object.keys(DIAGNOSTICS).filter((code) => !found.has(code));
    expect(missing).toEqual(['FW001', 'FW116']);
  });

  it.each(corpus)('$name gives its diagnostics', ({ source, codes }) => {
    const { diagnostics, valid } = checkWorkflow(source);
    expect([...new Set(diagnostics.map((item) => item.code))].sort()).toEqual(codes);
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
