import { DIAGNOSTICS } from './diagnostic-codes.js';
import type { Diagnostic } from './diagnostics.js';

const COLORS = { error: '\x1b[31m', warning: '\x1b[33m', info: '\x1b[36m' } as const;
const BOLD = '\x1b[1m';
const DIM = '\x1b[2m';
const RESET = '\x1b[0m';

/** Wider source lines are cut around the place meant. */
const MAX_WIDTH = 120;

/** Renders diagnostics for a terminal: a heading, the source line and a caret under the place, for each. */
export function renderDiagnostics(
  source: string,
  diagnostics: readonly Diagnostic[],
  options: { readonly color: boolean },
): string {
  const lines = source.split(/\r\n|\n|\r/);
  const paint = (text: string, ...codes: string[]) =>
    options.color ? `${codes.join('')}${text}${RESET}` : text;
  return diagnostics
    .map((item) => {
      const { startLine, startColumn } = item.range;
      const head = `${item.severity} ${item.code} ${DIAGNOSTICS[item.code].name}`;
      const number = String(startLine);
      const gutter = ' '.repeat(number.length);
      const { text, before, width } = excerpt(lines[startLine - 1] ?? '', item);
      return [
        `${paint(head, BOLD, COLORS[item.severity])}: ${item.message}`,
        `${gutter}${paint('-->', DIM)} ${startLine}:${startColumn}`,
        `${paint(`${number} |`, DIM)} ${text}`,
        `${paint(`${gutter} |`, DIM)} ${' '.repeat(before)}${paint('^'.repeat(width), COLORS[item.severity])}`,
      ].join('\n');
    })
    .join('\n\n');
}

/** The source line with tabs as one space, where the place begins in it and how wide it is. */
function excerpt(line: string, item: Diagnostic): { text: string; before: number; width: number } {
  const { startLine, startColumn, endLine, endColumn } = item.range;
  // Control characters could move the cursor.

  const points = [...line.replace(/[\x00-\x1f\x7f-\x9f]/g, ' ')];
  const start = Math.min(startColumn - 1, points.length);
  const end = endLine === startLine ? Math.min(endColumn - 1, points.length) : points.length;
  const shift = start > MAX_WIDTH - 40 ? start - 40 : 0;
  const text = points.slice(shift, shift + MAX_WIDTH).join('');
  const width = Math.max(1, Math.min(end, shift + MAX_WIDTH) - start);
  return { text: shift > 0 ? `…${text.slice(1)}` : text, before: start - shift, width };
}

/** Renders diagnostics for a model: one short line each, errors first. */
export function renderForModel(diagnostics: readonly Diagnostic[]): string {
  const rank = { error: 0, warning: 1, info: 2 } as const;
  return [...diagnostics]
    .sort((a, b) => rank[a.severity] - rank[b.severity])
    .map((item) => `line ${item.range.startLine}: ${item.severity}: ${item.message} [${item.code}]`)
    .join('\n');
}
