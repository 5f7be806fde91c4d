import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkWorkflow } from './check-workflow.js';
import { DIAGNOSTICS, type DiagnosticCode } from './diagnostic-codes.js';
import { DIAGNOSTIC_EXAMPLES, type DiagnosticExample } from './testing/diagnostic-examples.js';

const docs = readFileSync(new URL('../../../docs/language.md', import.meta.url), 'utf8');

function cellsOf(code: string): string[] {
  const row = docs.split('\n').find((line) => line.startsWith(`| ${code} `));
  return row?.split(/(?<!\\)\|/).map((cell) => cell.trim()) ?? [];
}

/** What a cell shows as code; "…" stands for anything. */
function shownIn(cell: string): RegExp[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, text = '']) => {
    const parts = text.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(parts.join('[^]*?'));
  });
}

const rows = Object.entries(DIAGNOSTICS) as [DiagnosticCode, (typeof DIAGNOSTICS)[DiagnosticCode]][];
const codesOf = ({ operators }: DiagnosticExample, source: string): string[] =>
  checkWorkflow(source, operators ? { operators } : {}).diagnostics.map((item) => item.code);

describe('docs/language.md', () => {
  it.each(rows)('explains %s', (code, { name, severity }) => {
    const cells = cellsOf(code);
    expect(cells.slice(2, 4)).toEqual([name, severity]);
    expect(cells.slice(4, 6).every((cell) => cell !== '')).toBe(true);
  });

  it.each(rows)('shows an example of %s that gives it, and a mend that does not', (code, { severity }) => {
    const example = DIAGNOSTIC_EXAMPLES[code];
    expect(codesOf(example, example.wrong), example.wrong).toContain(code);
    const mended = checkWorkflow(example.mended, example.operators ? { operators: example.operators } : {});
    expect(
      mended.diagnostics.map((item) => item.code),
      example.mended,
    ).not.toContain(code);
    expect(mended.valid, example.mended).toBe(true);
    expect(
      checkWorkflow(example.wrong, example.operators ? { operators: example.operators } : {}).valid,
    ).toBe(severity !== 'error');
    const [, , , , shown = '', mend = ''] = cellsOf(code);
    const [first] = shownIn(shown);
    if (first) expect(example.wrong).toMatch(first);
    const [mendShown] = shownIn(mend);
    if (mendShown && severity !== 'info') expect(example.mended).toMatch(mendShown);
  });

  it('explains no other code', () => {
    expect((docs.match(/^\| FW\d{3} /gm) ?? []).length).toBe(rows.length);
  });
});
