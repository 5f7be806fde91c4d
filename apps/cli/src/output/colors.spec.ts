import { describe, expect, it } from 'vitest';
import { colorsFor } from './colors.js';

describe('colorsFor', () => {
  it('colours what goes to a terminal', () => {
    expect(colorsFor({ isTTY: true }, { TERM: 'xterm' }).red('x')).toBe('\u001b[31mx\u001b[39m');
  });

  it.each([
    ['a pipe', { isTTY: false }, { TERM: 'xterm', CI: 'true' }],
    ['NO_COLOR', { isTTY: true }, { TERM: 'xterm', NO_COLOR: '1' }],
    ['a terminal that can do nothing', { isTTY: true }, { TERM: 'dumb' }],
  ])('leaves %s alone', (_name, stream, env) => {
    expect(colorsFor(stream, env).red('x')).toBe('x');
  });
});
