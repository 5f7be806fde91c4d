import { describe, expect, it } from 'vitest';
import { checkWorkflow } from './check-workflow.js';
import { renderDiagnostics, renderForModel } from './render.js';

const SOURCE =
  'class W:\n    async def __call__(self, problem):\n        r = await self.custmo(input=problem)\n        return r["response"]\n';
const { diagnostics } = checkWorkflow(SOURCE);

describe('rendering', () => {
  it('shows the line and a caret under the place', () => {
    expect(renderDiagnostics(SOURCE, diagnostics, { color: false })).toBe(
      [
        'error FW101 unknown-operator: there is no operator "custmo"; did you mean "custom"?',
        ' --> 3:19',
        '3 |         r = await self.custmo(input=problem)',
        '  |                   ^^^^^^^^^^^',
      ].join('\n'),
    );
  });

  it('colours only where asked, and keeps control characters of the source off the terminal', () => {
    expect(renderDiagnostics(SOURCE, diagnostics, { color: true })).toContain('\x1b[31m');
    const hostile = SOURCE.replace('        r', '        \x1b]0;x\x07r');
    const found = checkWorkflow(hostile).diagnostics;
    expect(found.length).toBeGreaterThan(0);
    expect(renderDiagnostics(hostile, found, { color: false })).not.toContain('\x1b');
  });

  it('gives models one line each', () => {
    expect(renderForModel(diagnostics)).toBe(
      'line 3: error: there is no operator "custmo"; did you mean "custom"? [FW101]',
    );
  });
});
