import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'interpreter-jail-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Ends at once and leaves a process that holds its output open for a while, as a jail's last processes do. */
const LINGERS = '#!/bin/sh\nsleep 0.3 3>&- 5>&- 6>&- 7>&- &\n';

/** Gives such a jail a program and waits for its end, with nothing else to do. */
const WAITS = `
import { DEFAULT_LIMITS } from '../../limits.js';
import { InterpreterJail } from './interpreter-jail.js';
const jail = new InterpreterJail(HOST, { onFree: () => {}, onGone: () => {} });
const { promise: told, resolve } = Promise.withResolvers();
jail.run(new Uint8Array(), DEFAULT_LIMITS, { onMessage: () => {}, onGone: () => resolve() });
await told;
await jail.gone;
console.log('told');
`;

describe('a jail of an interpreter', () => {
  it('keeps the process that waits for a program alive until the end of the program was told', async () => {
    const bwrapPath = join(folder, 'lingers');
    writeFileSync(bwrapPath, LINGERS);
    chmodSync(bwrapPath, 0o755);
    const host = { bwrapPath, pythonPath: '/usr/bin/python3', rootEntries: [], helperPath: '/dev/null' };
    const outfile = join(folder, 'waits.mjs');
    await build({
      stdin: { contents: WAITS.replace('HOST', JSON.stringify(host)), resolveDir: here, loader: 'ts' },
      ...{ bundle: true, platform: 'node', format: 'esm', outfile, logLevel: 'error' },
    });
    symlinkSync(join(here, '../../python'), join(folder, 'python'));
    const { status, stdout, stderr } = spawnSync(process.execPath, [outfile], { encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'told\n', stderr: '' });
  });
});
