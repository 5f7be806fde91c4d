import { describe, expect, it } from 'vitest';
import { hostileCases, readCase } from './read-cases.js';

const read = (text: string): ReturnType<typeof readCase> => readCase('a/b.py', Buffer.from(text));

describe('the header of a hostile program', () => {
  it('says what must become of it', () => {
    const text =
      '# Tries it.\n# status: exited | wall\n# exit: 3\n# limits: wall=2s disk=1M\n# runs: 2\nx = 1\n';
    expect(read(text)).toMatchObject({
      name: 'a/b',
      purpose: 'Tries it.',
      language: 'python',
      statuses: ['exited', 'wall'],
      exitCode: 3,
      limits: { wallMs: 2000, diskBytes: 1024 ** 2 },
      runs: 'twice',
    });
  });

  it('can hold bytes that no text file should hold', () => {
    expect(read('# Bytes.\n# status: exited\n# prepend: \\x00a\nx\n').source.subarray(0, 3)).toEqual(
      Buffer.from('\0a#'),
    );
  });

  it('is refused where it can not be read', () => {
    expect(() => read('# A.\n# stauts: exited\n')).toThrow('what is "stauts"?');
    expect(() => read('# A.\n# limits: wall=2h\n\n')).toThrow("can't read the limit");
    expect(() => read('# A.\n# B\n\n')).toThrow("can't read");
  });

  it('stands in every program, with a status', () => {
    const cases = hostileCases();
    expect(cases.length).toBeGreaterThanOrEqual(100);
    expect(cases.filter(({ statuses, purpose }) => statuses.length === 0 || purpose === '')).toEqual([]);
  });
});
