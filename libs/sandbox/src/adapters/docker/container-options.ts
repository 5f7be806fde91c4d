import type Docker from 'dockerode';
import type { ProgramLimits } from '../../ports.js';
import { pythonProgram } from '../../python-programs.js';
import { dockerSeccompProfile } from './seccomp-profile.js';

/** Labels by which a service finds its own containers again. */
export const LABELS = { host: 'flowreasoner.sandbox.host', process: 'flowreasoner.sandbox.pid' } as const;

const SHARED_MEMORY_MAX_BYTES = 16 * 1024 * 1024;
const BYTES_PER_INODE = 2048;
/** The launcher and its relay's thread. */
export const LAUNCHER_TASKS = 2;

/** The host's hardware and kernel; the container's own cgroup in /sys/fs/cgroup stays, read-only. */
const MASKED_SYS = (
  'block bus class dev devices firmware hypervisor kernel module power ' +
  'fs/bpf fs/btrfs fs/ext4 fs/fuse fs/pstore fs/selinux fs/xfs'
).split(' ');
const MASKED_PROC = (
  'acpi asound interrupts kallsyms kcore keys latency_stats sched_debug scsi ' +
  'sysrq-trigger timer_list timer_stats'
).split(' ');
const READ_ONLY_PROC = 'bus fs irq sys'.split(' ');

/** What differs between containers. */
export interface ContainerShape {
  readonly image: string;
  /** A runtime of the daemon, such as "runsc"; undefined: its default. */
  readonly runtime: string | undefined;
  /** Of its own while it lives: RLIMIT_NPROC counts by user across containers. */
  readonly uid: number;
  readonly limits: ProgramLimits;
  /** Name of this machine and id of this process. */
  readonly owner: { readonly host: string; readonly pid: number };
}

/**
 * How a container is created: one process that waits for its program on
 * standard input, no network, nothing writable but a sized tmpfs, no capability,
 * and no way to gain one.
 */
export function containerOptions(shape: ContainerShape): Docker.ContainerCreateOptions {
  const { limits, uid } = shape;
  const inodes = Math.ceil(limits.diskBytes / BYTES_PER_INODE) + 64;
  const tmpfs = `rw,nosuid,nodev,exec,size=${limits.diskBytes},nr_inodes=${inodes},mode=1777`;
  const host: Docker.HostConfig = {
    NetworkMode: 'none',
    IpcMode: 'private',
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges:true', `seccomp=${dockerSeccompProfile()}`],
    ...resourceLimits(limits),
    ShmSize: Math.min(limits.diskBytes, SHARED_MEMORY_MAX_BYTES),
    Tmpfs: { '/tmp': tmpfs },
    Ulimits: [
      { Name: 'core', Soft: 0, Hard: 0 },
      { Name: 'memlock', Soft: 0, Hard: 0 },
      { Name: 'nofile', Soft: 512, Hard: 512 },
      { Name: 'msgqueue', Soft: 65_536, Hard: 65_536 },
      { Name: 'sigpending', Soft: 1024, Hard: 1024 },
    ],
    MaskedPaths: [...MASKED_SYS.map((name) => `/sys/${name}`), ...MASKED_PROC.map((name) => `/proc/${name}`)],
    ReadonlyPaths: READ_ONLY_PROC.map((name) => `/proc/${name}`),
    LogConfig: { Type: 'none', Config: {} },
    RestartPolicy: { Name: 'no' },
    ...(shape.runtime === undefined ? {} : { Runtime: shape.runtime }),
  };
  return {
    Image: shape.image,
    Cmd: ['/usr/bin/python3', '-I', '-c', pythonProgram('container_launcher'), pythonProgram('launcher')],
    Entrypoint: [],
    User: `${uid}:${uid}`,
    WorkingDir: '/tmp',
    Hostname: 'sandbox',
    // The first process ignores every other signal, and a daemon that comes back would wait for it.
    StopSignal: 'SIGKILL',
    Env: [
      ...['PATH=/usr/local/bin:/usr/bin:/bin', 'HOME=/tmp/work', 'PWD=/tmp/work'],
      ...['LANG=C.UTF-8', 'USER=sandbox', 'TMPDIR=/tmp'],
    ],
    Labels: { [LABELS.host]: shape.owner.host, [LABELS.process]: String(shape.owner.pid) },
    ...{ OpenStdin: true, StdinOnce: true, Tty: false },
    ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true },
    HostConfig: host,
  };
}

/** The limits that a running container can still be given. Memory and swap together are the same: none is swapped. */
export function resourceLimits(
  limits: ProgramLimits,
): Pick<Docker.HostConfig, 'Memory' | 'MemorySwap' | 'PidsLimit'> {
  const { memoryBytes, processes } = limits;
  return { Memory: memoryBytes, MemorySwap: memoryBytes, PidsLimit: processes + LAUNCHER_TASKS };
}
