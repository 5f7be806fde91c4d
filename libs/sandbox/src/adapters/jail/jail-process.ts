import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import type {
  EndReason,
  LauncherEnd,
  MonotonicClock,
  Program,
  ProgramEnd,
  ProgramEvents,
  RunningProgram,
} from '../../ports.js';
import { pythonProgram } from '../../python-programs.js';
import { JAIL_FDS, JAIL_NODE_PATH, bwrapArguments } from './bwrap-arguments.js';
import type { ExecutionCgroup } from './cgroups.js';
import { isolationOf, type JailHost } from './jail-host.js';
import { FrameDecoder, MessageDecoder, encodeFrame } from './launcher-channel.js';
import { launcherRequest, readLauncherReport } from './launcher-request.js';

/** Making a jail takes milliseconds; a machine that needs longer than this is broken. */
const SETUP_TIMEOUT_MS = 20_000;
/** How long the launcher may take beyond the wall limit before everything is killed from outside. */
const WALL_GRACE_MS = 500;
/** How long the launcher may take to end the program and measure it. */
const STOP_GRACE_MS = 150;
/** How long bubblewrap may take to end after everything in the jail was killed. */
const KILL_GRACE_MS = 1000;
const DIAGNOSTICS_BYTES = 4096;

/** One bubblewrap process and everything inside it. */
export class JailProcess implements RunningProgram {
  readonly end: Promise<ProgramEnd>;
  readonly #spawnedAt: number;
  readonly #child: ChildProcess;
  readonly #cgroup: ExecutionCgroup | undefined;
  readonly #early: Buffer[] = [];
  #startedAt: number | undefined;
  #firstPid: number | undefined;
  #report: LauncherEnd | undefined;
  #forced: { reason: EndReason; message: string } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;
  #peakBytes = 0;

  constructor(
    private readonly host: JailHost,
    private readonly clock: MonotonicClock,
    private readonly program: Program,
    private readonly events: ProgramEvents,
  ) {
    this.#spawnedAt = clock.now();
    let failure = '';
    try {
      this.#cgroup = host.cgroups?.create(program.limits);
    } catch (error) {
      failure = `no control group could be made: ${(error as Error).message}`;
    }
    this.#child = this.#spawn();
    this.end = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        failure = `bubblewrap could not be started: ${error.message}`;
        if (this.#child.pid === undefined) this.#finish(failure).then(resolve, resolve);
      });
      this.#child.on('close', () => void this.#finish(failure).then(resolve));
    });
    if (this.#child.pid === undefined) return;
    this.#timer = setTimeout(
      () => this.#force('lost', `the jail was not ready within ${SETUP_TIMEOUT_MS} ms`),
      SETUP_TIMEOUT_MS,
    );
    if (failure === '') this.#connect();
    else this.#force('lost', failure);
  }

  writeStdin(chunk: Uint8Array): void {
    if (this.#child.stdin?.writable === true) this.#child.stdin.write(chunk);
  }

  closeStdin(): void {
    this.#child.stdin?.end();
  }

  sendFrame(frame: Uint8Array): void {
    const channel = this.#stream(JAIL_FDS.channel);
    if (channel.writable) channel.write(encodeFrame(frame));
  }

  signal(number: number): void {
    this.#command(number);
  }

  stop(): void {
    if (this.#ended) return;
    if (this.#startedAt === undefined) return this.#force('stopped', '');
    this.#command(0);
    this.#arm(STOP_GRACE_MS, 'stopped');
  }

  kill(): void {
    this.#force('killed', '');
  }

  #spawn(): ChildProcess {
    const { host, program } = this;
    const javascript = program.language === 'javascript';
    const args = bwrapArguments(host, {
      limits: program.limits,
      withNode: javascript,
      bare: false,
      command: [host.pythonPath, '-I', '-c', pythonProgram('launcher')],
    });
    const stdio: StdioOptions = [
      ...(['pipe', 'pipe', 'pipe', 'pipe'] as const),
      program.channel ? 'pipe' : 'ignore',
      'pipe',
      host.seccompFilter === undefined ? 'ignore' : 'pipe',
    ];
    return spawn(host.bwrapPath, args, { cwd: '/', env: {}, stdio, ...host.runAs });
  }

  #stream(fd: number): Duplex {
    return this.#child.stdio[fd] as Duplex;
  }

  #connect(): void {
    const { program, events } = this;
    // Writes to a program that has just ended fail; its end is told elsewhere.
    for (const stream of this.#child.stdio) stream?.on('error', () => undefined);
    (this.#child.stdout as Readable).on('data', (chunk: Buffer) => events.onStdout?.(chunk));
    (this.#child.stderr as Readable).on('data', (chunk: Buffer) => {
      // Until the program runs, only bubblewrap and the launcher can complain here.
      if (this.#startedAt === undefined) this.#early.push(chunk);
      else events.onStderr?.(chunk);
    });
    const messages = new MessageDecoder();
    this.#stream(JAIL_FDS.control).on('data', (chunk: Buffer) => {
      this.#guard(() => messages.push(chunk).forEach((message) => this.#onMessage(message)));
    });
    if (program.channel) {
      const frames = new FrameDecoder();
      this.#stream(JAIL_FDS.channel).on('data', (chunk: Buffer) => {
        this.#guard(() => frames.push(chunk).forEach((frame) => events.onFrame?.(frame)), 'killed');
      });
    }
    if (this.host.seccompFilter !== undefined) this.#stream(JAIL_FDS.seccomp).end(this.host.seccompFilter);
    this.#awaitFirstProcess();
  }

  /** The launcher waits for its request, so it has no child yet that a control group could miss. */
  #awaitFirstProcess(): void {
    let text = '';
    this.#stream(JAIL_FDS.info).on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const pid = /"child-pid": (\d+)[^]*\}/.exec(text)?.[1];
      if (pid === undefined || this.#ended || this.#firstPid !== undefined) return;
      this.#firstPid = Number(pid);
      if (this.#forced !== undefined) return this.#killAll();
      this.#guard(() => {
        this.#cgroup?.add(Number(pid));
        this.#sendRequest();
      });
    });
  }

  #sendRequest(): void {
    const { program, host } = this;
    const node = host.nodePath ?? '';
    this.#stream(JAIL_FDS.control).write(
      launcherRequest(program, {
        nodePath: node.startsWith('/usr/') ? node : JAIL_NODE_PATH,
        watchMemory: host.cgroups === undefined,
      }),
    );
  }

  #onMessage(fields: readonly Buffer[]): void {
    const [kind, ...rest] = fields;
    if (kind?.toString() === 'started') {
      this.#startedAt = this.clock.now();
      this.#arm(this.program.limits.wallMs + WALL_GRACE_MS, 'wall');
      this.events.onStarted?.();
      for (const chunk of this.#early.splice(0)) this.events.onStderr?.(chunk);
    } else if (kind?.toString() === 'refused') {
      this.#forced ??= { reason: 'refused', message: rest[0]?.toString() ?? '' };
    } else {
      this.#report = readLauncherReport(rest, this.#setupMs());
    }
  }

  async #finish(failure: string): Promise<ProgramEnd> {
    const end = await this.#conclude(failure);
    return { ...end, isolation: this.#startedAt === undefined ? '' : isolationOf(this.host, 'jail') };
  }

  async #conclude(failure: string): Promise<LauncherEnd> {
    this.#ended = true;
    clearTimeout(this.#timer);
    let memoryHit = false;
    if (this.#cgroup !== undefined) {
      memoryHit = this.#cgroup.memoryLimitHit();
      this.#peakBytes = this.#cgroup.peakBytes();
      await this.#cgroup.remove();
    }
    const report = this.#report;
    if (report !== undefined) {
      const reason = memoryHit && report.reason === 'exit' ? 'memory' : report.reason;
      return { ...report, reason, peakMemoryBytes: Math.max(report.peakMemoryBytes, this.#peakBytes) };
    }
    if (this.#forced !== undefined) return this.#unmeasured(this.#forced.reason, this.#forced.message);
    if (memoryHit) return this.#unmeasured('memory', '');
    const said = Buffer.concat(this.#early).toString('utf8', 0, DIAGNOSTICS_BYTES).trim();
    return this.#unmeasured('lost', failure || `the jail ended early: ${said || 'it said nothing'}`);
  }

  #unmeasured(reason: EndReason, message: string): LauncherEnd {
    const wallMs = this.#startedAt === undefined ? 0 : Math.round(this.clock.now() - this.#startedAt);
    const rest = { code: 0, cpuMs: 0, wallMs, setupMs: this.#setupMs(), outputFiles: [] };
    return { reason, message, peakMemoryBytes: this.#peakBytes, ...rest };
  }

  #setupMs(): number {
    return Math.round((this.#startedAt ?? this.clock.now()) - this.#spawnedAt);
  }

  #command(byte: number): void {
    const control = this.#stream(JAIL_FDS.control);
    if (!this.#ended && control.writable) control.write(Buffer.of(byte));
  }

  #arm(delayMs: number, reason: EndReason): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#force(reason, ''), delayMs);
  }

  #force(reason: EndReason, message: string): void {
    if (this.#ended) return;
    this.#forced ??= { reason, message };
    clearTimeout(this.#timer);
    if (this.#firstPid !== undefined) this.#killAll();
    // Killed before it has told its child's id, bubblewrap would leave that child behind, waiting for it.
    else this.#timer = setTimeout(() => this.#child.kill('SIGKILL'), SETUP_TIMEOUT_MS);
  }

  /**
   * Kills the jail's first process, and with it the kernel kills all others;
   * bubblewrap then reaps it and ends. Should it not, it is killed too.
   */
  #killAll(): void {
    try {
      if (this.#firstPid !== undefined) process.kill(this.#firstPid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#child.kill('SIGKILL'), KILL_GRACE_MS);
  }

  /** What a program sends can be wrong in any way; it costs only that program. */
  #guard(action: () => void, reason: EndReason = 'lost'): void {
    try {
      action();
    } catch (error) {
      this.#force(reason, (error as Error).message);
    }
  }
}
