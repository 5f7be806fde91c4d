import { describe, expect, it } from 'vitest';
import { parseLimits } from './parse-limits.js';

describe('parseLimits', () => {
  it('reads every limit with its unit', () => {
    expect(parseLimits('wall=2s,cpu=500ms,memory=128M,processes=8,output=64K,disk=1G')).toEqual({
      wallMs: 2000,
      cpuMs: 500,
      memoryBytes: 134_217_728n,
      processes: 8,
      outputBytes: 65_536,
      diskBytes: 1_073_741_824n,
    });
  });

  it.each([
    '',
    'wall',
    'wall=2',
    'wall=0s',
    'memory=-1M',
    'memory=9999G',
    'threads=1',
    'wall=1s,',
    'processes=1.5',
  ])('refuses %j and names the part', (text) => {
    expect(() => parseLimits(text)).toThrow(/^--limit: /);
  });
});
