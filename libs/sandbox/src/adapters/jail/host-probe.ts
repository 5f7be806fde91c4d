import { execFile } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  realpathSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_LIMITS } from '../../limits.js';
import { JAIL_NODE_PATH, bwrapArguments } from './bwrap-arguments.js';
import { findCgroupHost } from './cgroups.js';
import type { JailHost, RootEntry } from './jail-host.js';
import { seccompFilter } from './seccomp.js';

/** One thing that the sandbox needs, or is better with, on this machine. */
export interface HostCheck {
  /** Short name, such as "bubblewrap". */
  readonly name: string;
  readonly ok: boolean;
  /** Whether the sandbox can't run without it. */
  readonly required: boolean;
  /** What was found. */
  readonly detail: string;
  /** The command or step that mends it; empty when it is there. */
  readonly mend: string;
}

/** What was found on this machine. */
export interface HostInspection {
  readonly checks: readonly HostCheck[];
  /** Present when every required check is ok. */
  readonly host: JailHost | undefined;
}

/** Where to look instead of the usual places. */
export interface HostProbeOptions {
  /** A Node binary to prefer for JavaScript programs. */
  readonly nodePath?: string | undefined;
  /** Where cgroups are mounted. */
  readonly cgroupRoot?: string | undefined;
}

const PROBE_TIMEOUT_MS = 20_000;
const NOBODY = { uid: 65534, gid: 65534 };
const SYSTEM_FOLDERS = ['/usr/bin', '/usr/local/bin', '/bin', '/usr/sbin'];
const NEEDED_OPTIONS = ['--disable-userns', '--as-pid-1', '--size', '--clearenv'];

/**
 * Looks for what the jail backend needs, by trying it: bubblewrap, user
 * namespaces, a Python interpreter that the jail's user can read, cgroups, Node.
 */
export async function inspectHost(options: HostProbeOptions = {}): Promise<HostInspection> {
  if (process.platform !== 'linux') {
    const detail = `this is ${process.platform}; the jail needs Linux namespaces`;
    const mend = 'run the sandbox service on Linux (a virtual machine or container will do)';
    return { checks: [check('linux', false, detail, mend)], host: undefined };
  }
  const bwrapPath = findProgram('bwrap');
  const bwrap = await checkBubblewrap(bwrapPath);
  const pythonPath = SYSTEM_FOLDERS.map((folder) => join(folder, 'python3')).find(isExecutableBelowUsr);
  const cgroups = findCgroupHost(options.cgroupRoot);
  const base: JailHost = {
    bwrapPath: bwrapPath ?? '',
    pythonPath: pythonPath ?? '/usr/bin/true',
    nodePath: undefined,
    runAs: process.getuid?.() === 0 ? NOBODY : undefined,
    rootEntries: rootEntries(),
    cgroups,
    helperPath: findHelper(),
    seccompFilter: seccompFilter(process.arch),
  };
  const { namespaces, python, nodePath } = bwrap.ok
    ? await tryJails(base, pythonPath, options.nodePath)
    : {
        namespaces: skipped('namespaces', 'bubblewrap'),
        python: skipped('python3', 'bubblewrap'),
        nodePath: undefined,
      };
  const checks = [
    bwrap,
    namespaces,
    python,
    checkCgroups(cgroups?.version),
    checkNode(nodePath),
    checkHelper(base.helperPath),
  ];
  const usable = checks.every((one) => one.ok || !one.required);
  return { checks, host: usable ? { ...base, nodePath } : undefined };
}

async function tryJails(
  host: JailHost,
  pythonPath: string | undefined,
  preferredNode: string | undefined,
): Promise<{ namespaces: HostCheck; python: HostCheck; nodePath: string | undefined }> {
  const [namespaces, python, nodePath] = await Promise.all([
    checkNamespaces(host),
    checkPython(host, pythonPath),
    findNode(host, preferredNode),
  ]);
  return { namespaces, python: namespaces.ok ? python : skipped('python3', 'namespaces'), nodePath };
}

/** What `flow doctor` shows of the sandbox: each check with what mends it. */
export async function probeSandboxHost(options: HostProbeOptions = {}): Promise<readonly HostCheck[]> {
  return (await inspectHost(options)).checks;
}

function check(name: string, ok: boolean, detail: string, mend: string, required = true): HostCheck {
  return { name, ok, required, detail, mend: ok ? '' : mend };
}

function skipped(name: string, needs: string): HostCheck {
  return check(name, false, `not tried: ${needs} comes first`, `mend ${needs} first`);
}

async function checkBubblewrap(path: string | undefined): Promise<HostCheck> {
  const install = installCommand('bubblewrap');
  if (path === undefined) return check('bubblewrap', false, 'bwrap was not found', install);
  const help = await run(path, ['--help']);
  const missing = NEEDED_OPTIONS.filter((option) => !(help.stdout + help.stderr).includes(`${option} `));
  const version = (await run(path, ['--version'])).stdout.trim();
  if (missing.length === 0) return check('bubblewrap', true, `${version} at ${path}`, '');
  return check('bubblewrap', false, `${version} lacks ${missing.join(', ')}`, `${install} (0.8.0 or newer)`);
}

async function checkNamespaces(host: JailHost): Promise<HostCheck> {
  const result = await runInJail(host, ['/usr/bin/env', 'true']);
  const user = host.runAs === undefined ? 'this user' : `uid ${host.runAs.uid}`;
  if (result.code === 0) return check('namespaces', true, `user namespaces work for ${user}`, '');
  const said = result.stderr.trim().split('\n')[0] ?? '';
  return check('namespaces', false, `bubblewrap failed for ${user}: ${said}`, mendNamespaces());
}

function mendNamespaces(): string {
  const setting = (name: string): string => {
    const path = `/proc/sys/${name}`;
    return existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  };
  if (setting('kernel/unprivileged_userns_clone') === '0')
    return 'sysctl -w kernel.unprivileged_userns_clone=1';
  if (setting('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0';
  }
  if (Number(setting('user/max_user_namespaces') || '1') < 1)
    return 'sysctl -w user.max_user_namespaces=15000';
  return 'in a container: start it with --security-opt seccomp=unconfined --security-opt systempaths=unconfined';
}

async function checkPython(host: JailHost, path: string | undefined): Promise<HostCheck> {
  const mend = installCommand('python3');
  if (path === undefined) {
    return check(
      'python3',
      false,
      'no python3 below /usr (one in a home folder is not readable in a jail)',
      mend,
    );
  }
  const code = 'import sys; print(*sys.version_info[:3], sep="."); sys.exit(sys.version_info < (3, 9))';
  const result = await runInJail(host, [path, '-I', '-c', code]);
  const version = result.stdout.trim();
  if (result.code === 0) return check('python3', true, `Python ${version} at ${path}`, '');
  const detail =
    version === ''
      ? `${path} does not start: ${result.stderr.trim()}`
      : `${path} is ${version}; 3.9 is needed`;
  return check('python3', false, detail, mend);
}

function checkCgroups(version: string | undefined): HostCheck {
  if (version !== undefined) return check('cgroups', true, `${version} is writable`, '', false);
  const detail = 'not writable: memory is limited per process and its total is sampled';
  return check(
    'cgroups',
    false,
    detail,
    'run as root, or under systemd-run --user --scope -p Delegate=yes',
    false,
  );
}

function checkNode(path: string | undefined): HostCheck {
  if (path !== undefined) return check('node', true, `JavaScript programs run on ${path}`, '', false);
  const detail = "no Node binary that the jail's user can read: JavaScript programs are refused";
  return check('node', false, detail, installCommand('nodejs'), false);
}

function checkHelper(path: string | undefined): HostCheck {
  if (path !== undefined) return check('jail helper', true, `compiled, at ${path}`, '', false);
  const detail = 'not compiled: each program gets a jail of its own, which is several times slower';
  const mend = `${installCommand('gcc libc6-dev')}, then build again`;
  return check('jail helper', false, detail, mend, false);
}

/** Beside the bundle or the folder of its chunks; for sources, where the build puts it. */
function findHelper(): string | undefined {
  const places = ['./native', '../native', '../../../../../dist/native'];
  return places
    .map((place) => fileURLToPath(new URL(`${place}/jail-helper.so`, import.meta.url)))
    .find((path) => existsSync(path));
}

async function findNode(host: JailHost, preferred: string | undefined): Promise<string | undefined> {
  const installed = SYSTEM_FOLDERS.map((folder) => join(folder, 'node'));
  for (const candidate of [preferred, process.execPath, ...installed]) {
    if (candidate === undefined || !existsSync(candidate)) continue;
    const nodePath = realpathSync(candidate);
    const inside = nodePath.startsWith('/usr/') ? nodePath : JAIL_NODE_PATH;
    const result = await runInJail({ ...host, nodePath }, [inside, '--version'], true);
    if (result.code === 0) return nodePath;
  }
  return undefined;
}

/** The entries beside /usr that a program needs: links into /usr, or folders of their own. */
function rootEntries(): RootEntry[] {
  const entries: RootEntry[] = [];
  for (const path of ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']) {
    if (!existsSync(path)) continue;
    const target = lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
    entries.push({ path, target });
  }
  return entries;
}

function findProgram(name: string): string | undefined {
  const folders = [...SYSTEM_FOLDERS, ...(process.env['PATH'] ?? '').split(':')];
  return folders
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isExecutableBelowUsr(path: string): boolean {
  return isExecutable(path) && realpathSync(path).startsWith('/usr/');
}

function installCommand(name: string): string {
  if (existsSync('/usr/bin/dnf')) return `dnf install -y ${name}`;
  if (existsSync('/sbin/apk')) return `apk add ${name}`;
  if (existsSync('/usr/bin/pacman')) return `pacman -S --noconfirm ${name}`;
  return `apt-get install -y --no-install-recommends ${name}`;
}

interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command in a jail without launcher and filter, as the jail's user. */
function runInJail(host: JailHost, command: readonly string[], withNode = false): Promise<RunResult> {
  const args = bwrapArguments(host, { limits: DEFAULT_LIMITS, withNode, bare: true, command });
  return run(host.bwrapPath, args, host.runAs);
}

function run(
  path: string,
  args: readonly string[],
  runAs?: { uid: number; gid: number },
): Promise<RunResult> {
  const options = { cwd: '/', env: {}, timeout: PROBE_TIMEOUT_MS, ...runAs };
  return new Promise((resolve) => {
    execFile(path, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr: stderr || (error?.message ?? '') });
    });
  });
}
