import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreInUseError } from './host-failure.js';
import { announceHolder, readHolder, type StoreHolder } from './store-holder.js';

let folder: string;
const holder: StoreHolder = { kind: 'serve', processId: process.pid, server: '127.0.0.1:1,127.0.0.1:4' };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the holder of a store', () => {
  it('is known until it takes its word back', () => {
    expect(readHolder(folder)).toBeUndefined();
    const withdraw = announceHolder(folder, holder);
    expect(readHolder(folder)).toEqual(holder);
    withdraw();
    expect(readHolder(folder)).toBeUndefined();
  });

  it('is nobody when its process is gone, or its word is cut short', () => {
    const { pid } = spawnSync('true');
    announceHolder(folder, { ...holder, processId: pid });
    expect(readHolder(folder)).toBeUndefined();
    writeFileSync(join(folder, 'holder.json'), '{"kind":"ser');
    expect(readHolder(folder)).toBeUndefined();
  });
});

describe('the error of a store that is in use', () => {
  it('names flow serve, and how to use it instead', () => {
    const error = new StoreInUseError('/home/x/store', holder);
    expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'STORE_LOCKED', passing: false });
    expect(error.message).toContain(`flow serve (process ${process.pid})`);
    expect(error.options.hint).toContain('--server 127.0.0.1:1,127.0.0.1:4');
  });

  it('says that a host passes by itself', () => {
    const error = new StoreInUseError('/home/x/store', { ...holder, kind: 'host' });
    expect(error).toMatchObject({ reason: 'STORE_LOCKED', passing: true });
    expect(error.message).toContain('other flow commands');
    expect(new StoreInUseError('/home/x/store', undefined)).toMatchObject({ passing: true });
  });
});
