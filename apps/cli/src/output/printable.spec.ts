import { describe, expect, it } from 'vitest';
import { printable } from './printable.js';

describe('printable', () => {
  it('shows escape sequences and bidirectional overrides instead of acting on them', () => {
    expect(printable('a\u001b[2Jb\u202ec\u0007')).toBe('a\\x1b[2Jb\\x202ec\\x07');
  });

  it('keeps newlines, tabs and other scripts', () => {
    expect(printable('def f():\r\n\treturn "é漢"\n')).toBe('def f():\n\treturn "é漢"\n');
  });
});
