import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPgliteJournal } from './pglite-journal.js';
import { acquireStoreLock } from './store-lock.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flow-store-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the lock of a store', () => {
  it('is held by one at a time', () => {
    const lock = acquireStoreLock(join(folder, 'new/folder'));
    expect(lock).toBeDefined();
    expect(acquireStoreLock(join(folder, 'new/folder'))).toBeUndefined();
    lock?.release();
    lock?.release();
    const again = acquireStoreLock(join(folder, 'new/folder'));
    expect(again).toBeDefined();
    again?.release();
  });

  it('goes with a process that is killed', async () => {
    const script = `
      const { DatabaseSync } = await import('node:sqlite');
      const held = new DatabaseSync(process.argv[1]);
      held.exec('BEGIN EXCLUSIVE');
      process.stdout.write('held');
      setInterval(() => held.isOpen, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, join(folder, 'lock.db')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    expect(acquireStoreLock(folder)).toBeUndefined();
    await expect(openPgliteJournal({ folder })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'STORE_LOCKED',
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = acquireStoreLock(folder);
    expect(lock).toBeDefined();
    lock?.release();
  });
});

describe('opening the embedded journal', () => {
  it('works with a lock that the caller holds, and leaves it to the caller', async () => {
    const lock = acquireStoreLock(folder);
    if (lock === undefined) throw new Error('the lock is taken');
    const journal = await openPgliteJournal({ folder, lock });
    await journal.close();
    expect(acquireStoreLock(folder)).toBeUndefined();
    lock.release();
  });

  it('gives its own lock back when closed, and finds what was written', async () => {
    const journal = await openPgliteJournal({ folder });
    expect(acquireStoreLock(folder)).toBeUndefined();
    await journal.close();
    const again = await openPgliteJournal({ folder });
    expect(await again.listRuns({ tenant: 'default', limit: 1 })).toEqual([]);
    await again.close();
  });

  it('refuses a path that is no folder', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(openPgliteJournal({ folder: file })).rejects.toMatchObject({ reason: 'STORE_NO_FOLDER' });
    await expect(openPgliteJournal({ folder: join(file, 'below') })).rejects.toMatchObject({
      reason: 'STORE_NO_FOLDER',
    });
  });

  it('makes a store anew whose making was cut off, and never touches one that was made', async () => {
    mkdirSync(join(folder, 'pgdata'));
    writeFileSync(join(folder, 'pgdata', 'PG_VERSION'), 'half');
    writeFileSync(join(folder, 'pgdata.making'), '');
    const journal = await openPgliteJournal({ folder });
    expect(await journal.listRuns({ tenant: 'default', limit: 1 })).toEqual([]);
    expect(existsSync(join(folder, 'pgdata.making'))).toBe(false);
    await journal.close();
  });

  it('says that a damaged store can not be opened, and gives the lock back', async () => {
    mkdirSync(join(folder, 'pgdata'));
    writeFileSync(join(folder, 'pgdata', 'PG_VERSION'), 'junk');
    await expect(openPgliteJournal({ folder })).rejects.toMatchObject({
      code: 'DATA_LOSS',
      reason: 'STORE_CORRUPT',
      options: { hint: expect.stringContaining(folder) as string },
    });
    const lock = acquireStoreLock(folder);
    expect(lock).toBeDefined();
    lock?.release();
  });
});
