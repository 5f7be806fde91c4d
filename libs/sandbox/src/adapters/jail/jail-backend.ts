import { availableParallelism } from 'node:os';
import type { MonotonicClock, ProgramEvents, ProgramLanguage, RunningProgram } from '../../ports.js';
import type { Program, SandboxBackend } from '../../ports.js';
import { JailProcess } from './jail-process.js';
import { InterpreterPool } from './interpreter-pool.js';
import { InterpreterProgram } from './interpreter-program.js';
import type { JailHost } from './jail-host.js';

/** How the jail backend runs Python. */
export interface JailOptions {
  /** Whether pre-forked interpreters are used where they can be; default true. */
  readonly hot?: boolean;
  /** Pre-forked interpreters at once. Default: two for each processor, four at least. */
  readonly interpreters?: number;
  /** Programs that an interpreter runs before a fresh one takes its place. */
  readonly executions?: number;
}

const DEFAULT_EXECUTIONS = 2000;

/**
 * Runs programs as a user that is not root. Hot path: Python, in namespaces of
 * its own that a pre-forked interpreter inside an outer jail is cloned into.
 * Cold path, for everything else: a bubblewrap jail for each program, under a
 * trusted launcher. Which one it is, the backend decides for each program.
 */
export class JailBackend implements SandboxBackend {
  readonly name = 'jail';
  readonly languages: readonly ProgramLanguage[];
  readonly mechanisms: Readonly<Record<string, string>>;
  readonly #pool: InterpreterPool | undefined;

  constructor(
    private readonly host: JailHost,
    private readonly clock: MonotonicClock,
    options: JailOptions = {},
  ) {
    const { hot = true, executions = DEFAULT_EXECUTIONS } = options;
    const { interpreters = Math.max(4, 2 * availableParallelism()) } = options;
    this.#pool = hot ? new InterpreterPool(host, clock, { size: interpreters, executions }) : undefined;
    this.#pool?.warm(2);
    this.languages = host.nodePath === undefined ? ['python'] : ['python', 'javascript'];
    this.mechanisms = mechanismsOf(host);
  }

  start(program: Program, events: ProgramEvents): RunningProgram {
    const { host, clock } = this;
    const fallBack = (): RunningProgram => new JailProcess(host, clock, program, events);
    const jail = program.language === 'python' ? this.#pool?.take() : undefined;
    return jail === undefined
      ? fallBack()
      : new InterpreterProgram({ host, clock, program, events, jail, fallBack });
  }

  /** Ends every pre-forked interpreter, with what it runs; settles once nothing of them is left. */
  async close(): Promise<void> {
    await this.#pool?.close();
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
