import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { embeddedPaths } from './paths.js';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'paths-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

describe('embeddedPaths', () => {
  it('gives one user and data folder always the same sockets, and others other ones', () => {
    const env = { FLOW_HOME: join(base, 'one'), XDG_RUNTIME_DIR: base };
    expect(embeddedPaths(env)).toEqual(embeddedPaths(env));
    expect(embeddedPaths({ ...env, FLOW_HOME: join(base, 'two') }).runFolder).not.toBe(
      embeddedPaths(env).runFolder,
    );
  });

  it('follows a link to the data folder, but takes no link for the sockets', () => {
    mkdirSync(join(base, 'real'), { mode: 0o700 });
    symlinkSync(join(base, 'real'), join(base, 'home'));
    const env = { FLOW_HOME: join(base, 'home'), XDG_RUNTIME_DIR: base };
    const { runFolder } = embeddedPaths(env);
    rmSync(runFolder, { recursive: true });
    mkdirSync(join(base, 'elsewhere'), { mode: 0o700 });
    symlinkSync(join(base, 'elsewhere'), runFolder);
    expect(() => embeddedPaths(env)).toThrow('is open to them');
  });

  it('refuses a socket folder that others can enter', () => {
    const env = { FLOW_HOME: join(base, 'home'), XDG_RUNTIME_DIR: base };
    chmodSync(embeddedPaths(env).runFolder, 0o755);
    expect(() => embeddedPaths(env)).toThrow('is open to them');
  });

  it('goes to a shorter folder when a path would be too long for a socket', () => {
    const long = join(base, 'x'.repeat(100));
    mkdirSync(long);
    const { hostSocket, runFolder } = embeddedPaths({ FLOW_HOME: join(base, 'home'), XDG_RUNTIME_DIR: long });
    expect(Buffer.byteLength(hostSocket)).toBeLessThanOrEqual(107);
    rmSync(runFolder, { recursive: true });
  });
});
