import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlowError } from '@flowreasoner/rpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLine, hostFailure } from './host-failure.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'flow-host-failure-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const plenty = (): number => 1024 ** 3;

describe('hostFailure', () => {
  it('repeats what the host said last', () => {
    const log = join(folder, 'host.log');
    const said = new FlowError('FAILED_PRECONDITION', 'NO_BWRAP', 'no bubblewrap', { hint: 'install it' });
    writeFileSync(log, `${failureLine(new Error('an older one'))}noise\n${failureLine(said)}more noise\n`);
    const failure = hostFailure(log, plenty);
    expect(failure).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'NO_BWRAP',
      message: 'no bubblewrap',
    });
    expect(failure.options.hint).toBe('install it');
  });

  it('names the log when the host said nothing', () => {
    const log = join(folder, 'host.log');
    expect(hostFailure(log, plenty)).toMatchObject({ code: 'UNAVAILABLE', reason: 'HOST_FAILED' });
    expect(hostFailure(log, plenty).options.hint).toContain(log);
  });

  it('says that the disk is full', () => {
    const failure = hostFailure(join(folder, 'host.log'), () => 3 * 1024 ** 2);
    expect(failure.reason).toBe('DISK_FULL');
    expect(failure.message).toContain('3 MiB are free, 64 MiB are needed');
  });
});
