import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The official client of OpenAI for Python, as it is on PyPI. */
export const pythonOpenAi = { name: 'openai', version: '3.57.0' } as const;

const script = fileURLToPath(new URL('openai_stream.py', import.meta.url));
const run = promisify(execFile);

/** What the Python client saw of a streamed answer. */
export interface PythonAnswer {
  readonly reasoning: string;
  readonly content: string;
  readonly finish: string | null;
  readonly total_tokens: number | null;
  /** Field that a request for two answers was refused for. */
  readonly refused?: string;
  readonly version: string;
}

/**
 * Streams an answer with the Python client.
 *
 * @param library folder that {@link installPythonClient} made
 */
export async function streamWithPython(
  library: string,
  { http, apiKey, problem }: { readonly http: string; readonly apiKey: string; readonly problem: string },
): Promise<PythonAnswer> {
  const { stdout } = await run('python3', [script, `${http}/v1`, apiKey, problem], {
    env: { PATH: process.env['PATH'], PYTHONPATH: library, PYTHONDONTWRITEBYTECODE: '1' },
  });
  return JSON.parse(stdout) as PythonAnswer;
}

/**
 * Installs the Python client into this user's cache, unless it is there.
 *
 * @returns its folder
 * @throws Error with what pip said when it can't be installed
 */
export function installPythonClient(): string {
  const python = execFileSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
  const { name, version } = pythonOpenAi;
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'flowreasoner', 'python');
  const folder = join(cache, `${name}-${version}-python${python.toString().trim()}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const staging = mkdtempSync(`${folder}-`);
  try {
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'];
    execFileSync('python3', [...pip, '--target', staging, `${name}==${version}`], { stdio: 'pipe' });
    renameSync(staging, folder);
  } catch (error) {
    // Another suite may have been quicker.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return folder;
}
