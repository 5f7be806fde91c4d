import type {
  EndReason,
  LauncherEnd,
  MonotonicClock,
  Program,
  ProgramEnd,
  ProgramEvents,
  RunningProgram,
} from '../../ports.js';
import { FrameDecoder, MessageDecoder, encodeFrame } from '../jail/launcher-channel.js';
import { launcherRequest, readLauncherReport } from '../jail/launcher-request.js';
import type { ContainerPool } from './container-pool.js';
import { LAUNCHER_TASKS } from './container-options.js';
import type { DockerDaemon } from './docker-daemon.js';
import { RelayStream, type Frame } from './framed-stream.js';
import type { ContainerExit, WarmContainer } from './warm-container.js';

/** A container is made in a quarter of a second; a daemon that needs longer than this is broken. */
const SETUP_TIMEOUT_MS = 30_000;
/** How long the launcher may take beyond the wall limit before everything is killed from outside. */
const WALL_GRACE_MS = 500;
/** How long the launcher may take to end the program and measure it. */
const STOP_GRACE_MS = 150;

/** What a program is run with. */
export interface DockerProgramOptions {
  readonly daemon: DockerDaemon;
  readonly pool: ContainerPool;
  readonly clock: MonotonicClock;
  readonly nodePath: string | undefined;
  /** What a container isolates a program by. */
  readonly isolation: string;
}

/** One program in a container of its own. */
export class DockerProgram implements RunningProgram {
  readonly end: Promise<ProgramEnd>;
  readonly #requestedAt: number;
  readonly #messages = new MessageDecoder();
  readonly #frames = new FrameDecoder();
  /** What is sent before there is a container. */
  #unsent: (readonly [stream: number, data: Uint8Array])[] | undefined = [];
  #container: WarmContainer | undefined;
  #startedAt: number | undefined;
  #report: LauncherEnd | undefined;
  #forced: { readonly reason: EndReason; readonly message: string } | undefined;
  readonly #ending = Promise.withResolvers<undefined>();
  #outOfMemory = false;
  #peakBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(
    private readonly options: DockerProgramOptions,
    private readonly program: Program,
    private readonly events: ProgramEvents,
  ) {
    this.#requestedAt = options.clock.now();
    const late = `no container was ready within ${SETUP_TIMEOUT_MS} ms`;
    this.#timer = setTimeout(() => this.#force('lost', late), SETUP_TIMEOUT_MS);
    this.end = this.#run()
      .then((end) => ({ ...end, isolation: this.#startedAt === undefined ? '' : options.isolation }))
      .finally(() => clearTimeout(this.#timer));
  }

  writeStdin(chunk: Uint8Array): void {
    // An empty chunk would end the stream.
    if (chunk.length > 0) this.#send(RelayStream.stdin, chunk);
  }

  closeStdin(): void {
    this.#send(RelayStream.stdin, new Uint8Array());
  }

  sendFrame(frame: Uint8Array): void {
    this.#send(RelayStream.channel, encodeFrame(frame));
  }

  signal(number: number): void {
    if (this.#startedAt !== undefined) this.#send(RelayStream.control, Buffer.of(number));
  }

  stop(): void {
    if (this.#ended) return;
    if (this.#startedAt === undefined) return this.#force('stopped', '');
    this.#send(RelayStream.control, Buffer.of(0));
    this.#arm(STOP_GRACE_MS, 'stopped');
  }

  kill(): void {
    this.#force('killed', '');
  }

  async #run(): Promise<LauncherEnd> {
    const { pool, daemon } = this.options;
    const taken = pool.take(this.program.limits);
    try {
      this.#container = await Promise.race([taken, this.#ending.promise]);
    } catch (error) {
      return this.#unmeasured('lost', `no container could be made: ${daemon.explain(error)}`);
    }
    if (this.#container === undefined) {
      // Ended before it had a container; the one that comes is not used.
      taken.then(
        (container) => pool.discard(container),
        () => undefined,
      );
      return this.#conclude({ kind: 'exited', code: 0, outOfMemory: false });
    }
    try {
      await this.#handOver(this.#container);
      const exit = await this.#container.exit;
      this.#ended = true;
      return this.#conclude(exit);
    } finally {
      pool.discard(this.#container);
    }
  }

  async #handOver(container: WarmContainer): Promise<void> {
    container.listen({
      onFrame: (frame) => this.#onFrame(frame),
      onGarbage: (message) => this.#force('lost', message),
    });
    try {
      await container.limit(this.program.limits);
    } catch (error) {
      return this.#force(
        'lost',
        `the container's limits could not be set: ${this.options.daemon.explain(error)}`,
      );
    }
    const { limits } = this.program;
    // The relay's thread counts like a process of the program's user.
    const processes = limits.processes + LAUNCHER_TASKS - 1;
    const setup = { nodePath: this.options.nodePath ?? '', watchMemory: false };
    const request = launcherRequest({ ...this.program, limits: { ...limits, processes } }, setup);
    container.send(RelayStream.control, request);
    const unsent = this.#unsent ?? [];
    this.#unsent = undefined;
    for (const [stream, data] of unsent) container.send(stream, data);
  }

  #send(stream: number, data: Uint8Array): void {
    if (this.#unsent !== undefined) this.#unsent.push([stream, data]);
    else if (!this.#ended) this.#container?.send(stream, data);
  }

  /** What a program sends can be wrong in any way; it costs only that program. */
  #onFrame({ stream, data }: Frame): void {
    if (this.#forced !== undefined) return;
    const { events } = this;
    try {
      if (stream === RelayStream.stdout) events.onStdout?.(data);
      else if (stream === RelayStream.stderr) events.onStderr?.(data);
      else if (stream === RelayStream.channel) {
        for (const frame of this.#frames.push(data)) events.onFrame?.(frame);
      } else if (stream === RelayStream.facts) this.#onFacts(data);
      else for (const message of this.#messages.push(data)) this.#onMessage(message);
    } catch (error) {
      this.#force(stream === RelayStream.channel ? 'killed' : 'lost', (error as Error).message);
    }
  }

  #onMessage(fields: readonly Buffer[]): void {
    const [kind, ...rest] = fields;
    if (kind?.toString() === 'started') {
      this.#startedAt = this.options.clock.now();
      this.#arm(this.program.limits.wallMs + WALL_GRACE_MS, 'wall');
      this.events.onStarted?.();
    } else if (kind?.toString() === 'refused') {
      this.#forced = { reason: 'refused', message: rest[0]?.toString() ?? '' };
    } else {
      this.#report = readLauncherReport(rest, this.#setupMs());
    }
  }

  #onFacts(data: Buffer): void {
    const [kills = '0', peak = '0'] = data.toString().split('\0');
    this.#outOfMemory = Number(kills) > 0;
    this.#peakBytes = Number(peak) || 0;
  }

  #conclude(exit: ContainerExit): LauncherEnd {
    const outOfMemory = this.#outOfMemory || (exit.kind === 'exited' && exit.outOfMemory);
    const report = this.#report;
    if (report !== undefined && this.#forced === undefined) {
      const reason = outOfMemory && report.reason === 'exit' ? 'memory' : report.reason;
      const peakMemoryBytes = Math.max(report.peakMemoryBytes, this.#peakBytes);
      return { ...report, reason, peakMemoryBytes };
    }
    if (this.#forced !== undefined) return this.#unmeasured(this.#forced.reason, this.#forced.message);
    if (exit.kind === 'lost') return this.#unmeasured('lost', exit.message);
    if (outOfMemory) return this.#unmeasured('memory', '');
    const said = this.#container?.diagnostics || 'it said nothing';
    return this.#unmeasured('lost', `the container ended early with code ${exit.code}: ${said}`);
  }

  #unmeasured(reason: EndReason, message: string): LauncherEnd {
    const now = this.options.clock.now();
    const wallMs = this.#startedAt === undefined ? 0 : Math.round(now - this.#startedAt);
    const rest = { code: 0, cpuMs: 0, wallMs, setupMs: this.#setupMs(), outputFiles: [] };
    return { reason, message, peakMemoryBytes: this.#peakBytes, ...rest };
  }

  #setupMs(): number {
    return Math.round((this.#startedAt ?? this.options.clock.now()) - this.#requestedAt);
  }

  #arm(delayMs: number, reason: EndReason): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#force(reason, ''), delayMs);
  }

  #force(reason: EndReason, message: string): void {
    if (this.#ended) return;
    // A launcher that has reported has ended the program already.
    if (this.#report === undefined) this.#forced ??= { reason, message };
    clearTimeout(this.#timer);
    this.#container?.kill();
    this.#ending.resolve(undefined);
  }
}
