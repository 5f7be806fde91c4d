import type { MonotonicClock, ProgramEvents, ProgramLanguage, RunningProgram } from '../../ports.js';
import type { Program, SandboxBackend } from '../../ports.js';
import { JailProcess } from './jail-process.js';
import type { JailHost } from './jail-host.js';

/**
 * Runs each program in a bubblewrap jail of its own, as a user that is not root,
 * under a trusted launcher that watches limits and measures.
 */
export class JailBackend implements SandboxBackend {
  readonly name = 'jail';
  readonly isolation: string;
  readonly languages: readonly ProgramLanguage[];
  readonly mechanisms: Readonly<Record<string, string>>;

  constructor(
    private readonly host: JailHost,
    private readonly clock: MonotonicClock,
  ) {
    const seccomp = host.seccompFilter === undefined ? '' : ', seccomp';
    const cgroups = host.cgroups === undefined ? '' : `, ${host.cgroups.version}`;
    this.isolation = `user,pid,mount,ipc,uts,net namespaces${seccomp}${cgroups}`;
    this.languages = host.nodePath === undefined ? ['python'] : ['python', 'javascript'];
    this.mechanisms = mechanismsOf(host);
  }

  start(program: Program, events: ProgramEvents): RunningProgram {
    return new JailProcess(this.host, this.clock, program, events);
  }
}

function mechanismsOf(host: JailHost): Record<string, string> {
  const version = host.cgroups?.version;
  return {
    network: 'empty network namespace',
    filesystem: 'read-only mount namespace',
    environment: 'cleared by bubblewrap',
    processes: 'PID namespace',
    privileges: 'no capabilities, no new privileges, user namespaces disabled',
    launcher: 'PID 1, not dumpable',
    syscalls: host.seccompFilter === undefined ? 'none' : 'seccomp filter',
    memory:
      version === undefined
        ? 'RLIMIT_DATA per process, total sampled every 20 ms'
        : `${version} in total, RLIMIT_DATA per process`,
    pids: version === undefined ? 'RLIMIT_NPROC in its user namespace' : `${version}, RLIMIT_NPROC`,
    cpu: 'total sampled every 20 ms, RLIMIT_CPU per process',
    wall: 'launcher, and the service 500 ms later',
    disk: 'sized tmpfs',
    output: 'counted by the service',
  };
}
