import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DIAGNOSTICS } from './diagnostic-codes.js';

const docs = readFileSync(new URL('../../../docs/language.md', import.meta.url), 'utf8');

describe('docs/language.md', () => {
  it.each(Object.entries(DIAGNOSTICS))('explains %s', (code, { name, severity }) => {
    const row = docs.split('\n').find((line) => line.startsWith(`| ${code} `));
    const cells = row?.split(/(?<!\\)\|/).map((cell) => cell.trim()) ?? [];
    expect(cells.slice(2, 4)).toEqual([name, severity]);
    expect(cells.slice(4, 6).every((cell) => cell !== '')).toBe(true);
  });

  it('explains no other code', () => {
    const rows = docs.match(/^\| FW\d{3} /gm) ?? [];
    expect(rows.length).toBe(Object.keys(DIAGNOSTICS).length);
  });
});
