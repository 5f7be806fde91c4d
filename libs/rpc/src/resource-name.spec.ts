import { describe, expect, it } from 'vitest';
import { formatName, parseName } from './resource-name.js';

describe('resource names', () => {
  it('are read and written by a pattern', () => {
    const pattern = 'runs/{run}/rounds/{round}';
    expect(parseName(pattern, 'runs/01J-x/rounds/3', 'name')).toEqual({ run: '01J-x', round: '3' });
    expect(formatName(pattern, { run: '01J-x', round: '3' })).toBe('runs/01J-x/rounds/3');
  });

  it('that do not fit are refused with the field and the pattern', () => {
    const names = [
      '',
      'run/1',
      'runs/',
      'runs/1/',
      'runs/1/rounds',
      'runs/a b',
      'runs/../x',
      'runs/.',
      'runs/1\n',
      `runs/${'x'.repeat(129)}`,
    ];
    for (const name of names) {
      expect(() => parseName('runs/{run}', name, 'parent'), name).toThrow('parent must look like runs/{run}');
    }
  });
});
