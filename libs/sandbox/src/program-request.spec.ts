import { describe, expect, it } from 'vitest';
import { Execution, Language } from '@flowreasoner/contracts/sandbox';
import { BlobStore } from './blobs/blob-store.js';
import { MAX_LIMITS } from './limits.js';
import { readProgram } from './program-request.js';

const put = new BlobStore({ now: () => 0 });
const sha256 = put.put('mine', Buffer.from('shared'));
const foreign = put.put('other', Buffer.from('secret'));
const reader = { languages: ['python'], maxLimits: MAX_LIMITS, blobs: put.of('mine') } as const;

function messageOf(fields: Partial<Execution>): string {
  const reading = readProgram(Execution.fromPartial(fields as never), reader);
  return reading.ok ? '' : reading.message;
}

const file = (path: string, data = '') => ({
  path,
  content: { $case: 'data' as const, value: Buffer.from(data) },
});

const blob = (path: string, value: string) => ({
  path,
  content: { $case: 'blobSha256' as const, value },
});

describe('readProgram', () => {
  it('accepts a plain program and applies limits', () => {
    const reading = readProgram(
      Execution.fromPartial({
        source: Buffer.from('print(1)'),
        stdin: Buffer.from('in'),
        env: { A_1: 'x' },
        files: [file('a/b.txt', 'text')],
        outputFiles: ['out.txt'],
        limits: { wallMs: 500 },
      }),
      reader,
    );
    expect(reading).toMatchObject({
      ok: true,
      program: {
        language: 'python',
        env: { A_1: 'x' },
        limits: { wallMs: 500, cpuMs: 10_000 },
        channel: false,
      },
    });
  });

  it('finds the files that are blobs of the tenant', () => {
    const reading = readProgram(Execution.fromPartial({ files: [blob('a.txt', sha256)] }), reader);
    expect(reading).toMatchObject({
      ok: true,
      program: { files: [{ path: 'a.txt', data: Buffer.from('shared') }] },
    });
  });

  it.each<[string, Partial<Execution>, string]>([
    [
      'a language that is not there',
      { language: Language.LANGUAGE_JAVASCRIPT },
      'javascript is not available',
    ],
    ['a source that is too long', { source: Buffer.alloc(1024 * 1024 + 1) }, 'limit is 1048576'],
    ['a source that is not UTF-8', { source: Buffer.from([0xff, 0xfe]) }, 'not UTF-8'],
    ['too much input', { stdin: Buffer.alloc(8 * 1024 * 1024 + 1) }, 'limit is 8388608'],
    ['too many arguments', { args: Array<string>(65).fill('x') }, 'limit is 64'],
    ['a NUL byte in an argument', { args: ['a\0b'] }, 'NUL'],
    ['a long argument', { args: ['x'.repeat(4097)] }, 'limit is 4096'],
    ['a lower-case variable', { env: { path: 'x' } }, 'does not match'],
    ['an absolute path', { files: [file('/etc/passwd')] }, 'plain relative path'],
    ['a path upwards', { files: [file('a/../../b')] }, 'plain relative path'],
    ['an empty path', { files: [file('')] }, 'plain relative path'],
    ['a NUL byte in a path', { files: [file('a\0b')] }, 'NUL'],
    ['a long path', { outputFiles: ['x'.repeat(256)] }, 'longer than 255 bytes'],
    ['a path twice', { files: [file('a'), file('a')] }, 'given twice'],
    ['too many files', { files: Array.from({ length: 65 }, (_, n) => file(`f${n}`)) }, 'limit is 64'],
    [
      'files that are too large',
      { files: [file('a', 'x'.repeat(16 * 1024 * 1024 + 1))] },
      'limit is 16777216',
    ],
    ['a blob that nobody put', { files: [blob('a', '00')] }, 'a names a blob that is not there'],
    ["another tenant's blob", { files: [blob('a', foreign)] }, 'a names a blob that is not there'],
  ])('refuses %s', (_, fields, message) => {
    expect(messageOf(fields)).toContain(message);
  });
});
