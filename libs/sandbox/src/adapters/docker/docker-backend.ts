import type {
  MonotonicClock,
  Program,
  ProgramEvents,
  ProgramLanguage,
  RunningProgram,
  SandboxBackend,
} from '../../ports.js';
import type { ContainerPool } from './container-pool.js';
import type { DockerDaemon } from './docker-daemon.js';
import { DockerProgram } from './docker-program.js';
import { GVISOR } from './runtime.js';

/** What was found at the daemon. */
export interface DockerFindings {
  /** The daemon's runtime that containers are started with. */
  readonly runtime: string;
  /** "1" or "2". */
  readonly cgroupVersion: string;
  /** Where the image has Node; undefined: nowhere. */
  readonly nodePath: string | undefined;
}

/** What the backend works with. */
export interface DockerBackendOptions {
  readonly daemon: DockerDaemon;
  readonly pool: ContainerPool;
  readonly clock: MonotonicClock;
  readonly findings: DockerFindings;
}

/** Runs each program in a container of its own, which was started ahead and is removed afterwards. */
export class DockerBackend implements SandboxBackend {
  readonly name = 'docker';
  readonly languages: readonly ProgramLanguage[];
  readonly mechanisms: Readonly<Record<string, string>>;

  constructor(private readonly options: DockerBackendOptions) {
    const { runtime, cgroupVersion, nodePath } = options.findings;
    const cgroups = `cgroup v${cgroupVersion}`;
    this.languages = nodePath === undefined ? ['python'] : ['python', 'javascript'];
    this.mechanisms = {
      network: 'no network, no sockets',
      filesystem: 'read-only root of the image',
      environment: 'nothing of the service',
      processes: 'PID namespace of its own',
      privileges: 'no capabilities, no new privileges, a user of its own',
      launcher: 'PID 1, not dumpable',
      syscalls: runtime === GVISOR ? "gVisor's own kernel" : 'seccomp filter',
      memory: `${cgroups} in total without swap, RLIMIT_DATA per process`,
      pids: `${cgroups}, RLIMIT_NPROC`,
      cpu: 'total sampled every 20 ms, RLIMIT_CPU per process',
      wall: 'launcher, and the service 500 ms later',
      disk: 'tmpfs with a size and a number of inodes',
      output: 'counted by the service',
    };
  }

  start(program: Program, events: ProgramEvents): RunningProgram {
    const { findings, ...rest } = this.options;
    const { nodePath } = findings;
    return new DockerProgram({ ...rest, nodePath, isolation: isolationOf(findings) }, program, events);
  }
}

function isolationOf({ runtime, cgroupVersion }: DockerFindings): string {
  if (runtime === GVISOR) return 'container (runsc): a kernel of its own by gVisor';
  return `container (${runtime}): own pid,mount,ipc,uts,net namespaces; seccomp; cgroup v${cgroupVersion}`;
}
