import type { ProgramLimits } from '../../ports.js';
import type { JailHost } from './jail-host.js';

/** File descriptors that a jail starts with, beside the standard ones. */
export const JAIL_FDS = { control: 3, channel: 4, info: 5, seccomp: 6 } as const;

/** File descriptors that an interpreter's outer jail starts with, beside the standard ones. */
export const INTERPRETER_FDS = { control: 3, info: 5, helper: 6, programs: 7 } as const;

/** Where a Node binary from outside /usr is put inside the jail. */
export const JAIL_NODE_PATH = '/opt/node';

/** Begins an argument without effect by which the jails of a service can be found. */
export const OWNER_MARK = 'FLOW_SANDBOX_OWNER_';

const SHARED_MEMORY_MAX_BYTES = 16 * 1024 * 1024;

/** What an interpreter's /dev holds: no terminal, whose pseudo-terminals executions would share. */
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'];
const DEVICE_LINKS = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
] as const;

/** What differs between jails. */
export interface BwrapOptions {
  readonly limits: ProgramLimits;
  /** Whether the Node binary must be there. */
  readonly withNode: boolean;
  /** Whether only the standard descriptors are there: neither information nor a filter is passed. */
  readonly bare: boolean;
  /** The command to run as PID 1. */
  readonly command: readonly string[];
}

/**
 * Arguments for bubblewrap: every namespace fresh, no capability, an empty
 * environment, and a file system of which only one sized tmpfs (work directory
 * and /tmp) and a small /dev/shm can be written.
 */
export function bwrapArguments(host: JailHost, options: BwrapOptions): string[] {
  const { limits } = options;
  const size = String(limits.diskBytes);
  const sharedMemory = String(Math.min(limits.diskBytes, SHARED_MEMORY_MAX_BYTES));
  const node = options.withNode && host.nodePath !== undefined && !host.nodePath.startsWith('/usr/');
  return [
    ...commonArguments(host),
    ...(node ? ['--ro-bind', host.nodePath ?? '', JAIL_NODE_PATH] : []),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...['--size', sharedMemory, '--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
    ...['--size', size, '--tmpfs', '/tmp', '--dir', '/tmp/work', '--symlink', '/tmp/work', '/work'],
    ...['--remount-ro', '/', '--chdir', '/tmp/work'],
    ...(options.bare ? [] : ['--info-fd', String(JAIL_FDS.info)]),
    ...(options.bare || host.seccompFilter === undefined ? [] : ['--seccomp', String(JAIL_FDS.seccomp)]),
    '--',
    ...options.command,
  ];
}

/**
 * Arguments for the outer jail of a pre-forked interpreter. Inside its user
 * namespace it may make mounts and namespaces for the programs that it starts;
 * nothing in its file system can be written, they mount what they write to.
 */
export function interpreterArguments(host: JailHost, command: readonly string[]): string[] {
  return [
    ...commonArguments(host),
    ...['--cap-add', 'CAP_SYS_ADMIN', '--cap-add', 'CAP_SETPCAP'],
    // The interpreter looks its libraries' symbols up once for all programs, and takes this away again.
    ...['--setenv', 'LD_BIND_NOW', '1'],
    ...['--ro-bind-data', String(INTERPRETER_FDS.helper), '/flow/jail-helper.so'],
    ...['--ro-bind-data', String(INTERPRETER_FDS.programs), '/flow/programs.json'],
    ...['--proc', '/proc', '--tmpfs', '/dev', '--dir', '/dev/shm'],
    ...DEVICES.flatMap((name) => ['--dev-bind', `/dev/${name}`, `/dev/${name}`]),
    ...DEVICE_LINKS.flatMap(([name, target]) => ['--symlink', target, `/dev/${name}`]),
    ...['--remount-ro', '/dev', '--dir', '/tmp', '--dir', '/tmp/work', '--symlink', '/tmp/work', '/work'],
    ...['--remount-ro', '/', '--chdir', '/tmp/work'],
    ...['--info-fd', String(INTERPRETER_FDS.info)],
    '--',
    ...command,
  ];
}

function commonArguments(host: JailHost): string[] {
  return [
    ...['--unshare-user', '--disable-userns', '--unshare-pid', '--unshare-net', '--unshare-ipc'],
    ...['--unshare-uts', '--unshare-cgroup-try', '--hostname', 'sandbox'],
    ...['--uid', '1000', '--gid', '1000', '--cap-drop', 'ALL'],
    // Not --die-with-parent: killed while it sets up, bubblewrap would leave a child that waits for it
    // forever. The first process of a jail ends as soon as its control socket does.
    ...['--new-session', '--as-pid-1'],
    ...['--clearenv', '--unsetenv', `${OWNER_MARK}${process.pid}`],
    ...['--setenv', 'PATH', '/usr/local/bin:/usr/bin:/bin', '--setenv', 'HOME', '/tmp/work'],
    ...['--setenv', 'LANG', 'C.UTF-8', '--setenv', 'USER', 'sandbox', '--setenv', 'TMPDIR', '/tmp'],
    ...['--ro-bind', '/usr', '/usr'],
    ...host.rootEntries.flatMap((entry) =>
      entry.target === undefined
        ? ['--ro-bind', entry.path, entry.path]
        : ['--symlink', entry.target, entry.path],
    ),
    ...['--ro-bind-try', '/etc/ld.so.cache', '/etc/ld.so.cache'],
    ...['--ro-bind-try', '/etc/alternatives', '/etc/alternatives'],
  ];
}
