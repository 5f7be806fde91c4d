import { describe, expect, it } from 'vitest';
import { sameOutput } from './stdio-suite.js';

describe('sameOutput', () => {
  it('ignores white space at the ends of lines and empty lines at the end', () => {
    expect(sameOutput('1  \n2\t\n\n\n', '1\n2', 0)).toBe(true);
    expect(sameOutput('1\n\n2', '1\n2', 0)).toBe(false);
    expect(sameOutput(' 1', '1', 0)).toBe(false);
    expect(sameOutput('1 2', '1  2', 0)).toBe(false);
    expect(sameOutput('', '', 0)).toBe(true);
    expect(sameOutput('1\r\n', '1\n', 0)).toBe(true);
  });

  it('compares numbers within a tolerance, absolute or relative', () => {
    expect(sameOutput('0.3333333', '0.33333334', 1e-6)).toBe(true);
    expect(sameOutput('1000000.5', '1000000', 1e-6)).toBe(true);
    expect(sameOutput('0.34', '0.33', 1e-6)).toBe(false);
    expect(sameOutput('x 1.0 y', 'x 1 y', 1e-9)).toBe(true);
    expect(sameOutput('x 1.0', 'z 1', 1e-9)).toBe(false);
  });

  it('does not take nan, inf or hexadecimal for numbers near others', () => {
    expect(sameOutput('nan', '1', 1e9)).toBe(false);
    expect(sameOutput('inf', '1', 1e9)).toBe(false);
    expect(sameOutput('0x1', '1', 1)).toBe(false);
    expect(sameOutput('1 2', '1', 1)).toBe(false);
  });
});
