import type {
  EndReason,
  LauncherEnd,
  MonotonicClock,
  Program,
  ProgramEnd,
  ProgramEvents,
  RunningProgram,
} from '../../ports.js';
import type { InterpreterJail, ProgramListener } from './interpreter-jail.js';
import { isolationOf, type JailHost } from './jail-host.js';
import {
  FrameDecoder,
  HelperCommand,
  HelperEvent,
  MessageDecoder,
  encodeFrame,
  type HelperMessage,
} from './launcher-channel.js';
import { launcherRequest, readLauncherReport } from './launcher-request.js';

/** An interpreter that takes longer than this to start a program is broken. */
const SETUP_TIMEOUT_MS = 20_000;
/** How long init may take beyond the wall limit before everything is killed from outside. */
const WALL_GRACE_MS = 500;
/** How long init may take to end the program and measure it. */
const STOP_GRACE_MS = 150;
/** Bytes of stdin and channel that may be on their way before the program took them. */
const WINDOW_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** What a program needs to be run by an interpreter. */
export interface InterpreterProgramOptions {
  readonly host: JailHost;
  readonly clock: MonotonicClock;
  readonly program: Program;
  readonly events: ProgramEvents;
  readonly jail: InterpreterJail;
  /** Runs the program elsewhere, if the interpreter is gone before it started it. */
  readonly fallBack: () => RunningProgram;
}

/** One program in a pre-forked interpreter. */
export class InterpreterProgram implements RunningProgram, ProgramListener {
  readonly end: Promise<ProgramEnd>;
  readonly #settle: (end: ProgramEnd | PromiseLike<ProgramEnd>) => void;
  readonly #begunAt: number;
  readonly #frames = new FrameDecoder();
  #startedAt: number | undefined;
  /** What was asked for before the program started, for the case that it has to start elsewhere. */
  #early: ((running: RunningProgram) => void)[] | undefined = [];
  #elsewhere: RunningProgram | undefined;
  #forced: { readonly reason: EndReason; readonly message: string } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;
  readonly #waiting: (readonly [type: string, data: Uint8Array])[] = [];
  #underWay = 0;

  constructor(private readonly options: InterpreterProgramOptions) {
    const { jail, host, program } = options;
    const { promise, resolve } = Promise.withResolvers<ProgramEnd>();
    this.end = promise;
    this.#settle = resolve;
    this.#begunAt = options.clock.now();
    this.#arm(SETUP_TIMEOUT_MS, 'lost', `the program did not start within ${SETUP_TIMEOUT_MS} ms`);
    const setup = { nodePath: '', watchMemory: host.cgroups === undefined };
    jail.run(launcherRequest(program, setup), program.limits, this);
  }

  writeStdin(chunk: Uint8Array): void {
    this.#do(
      (other) => other.writeStdin(chunk),
      () => this.#give(HelperCommand.stdin, chunk),
    );
  }

  closeStdin(): void {
    this.#do(
      (other) => other.closeStdin(),
      () => this.#queue(HelperCommand.stdinEnd, new Uint8Array()),
    );
  }

  sendFrame(frame: Uint8Array): void {
    this.#do(
      (other) => other.sendFrame(frame),
      () => this.#give(HelperCommand.channel, encodeFrame(frame)),
    );
  }

  signal(number: number): void {
    this.#do(
      (other) => other.signal(number),
      () => this.options.jail.send(HelperCommand.signal, Buffer.of(number)),
    );
  }

  stop(): void {
    this.#do(
      (other) => other.stop(),
      () => this.#stop('stopped', ''),
    );
  }

  kill(): void {
    this.#do(
      (other) => other.kill(),
      () => this.#stop('killed', ''),
    );
  }

  onMessage({ type, payload }: HelperMessage): void {
    const { events } = this.options;
    switch (type) {
      case HelperEvent.started:
        this.#startedAt = this.options.clock.now();
        this.#early = undefined;
        if (this.#forced === undefined) {
          this.#arm(this.options.program.limits.wallMs + WALL_GRACE_MS, 'wall', '');
        }
        events.onStarted?.();
        break;
      case HelperEvent.stdout:
        events.onStdout?.(payload);
        break;
      case HelperEvent.stderr:
        events.onStderr?.(payload);
        break;
      case HelperEvent.channel:
        this.#onChannel(payload);
        break;
      case HelperEvent.taken:
        this.#underWay -= payload.readUInt32LE();
        this.#sendWaiting();
        break;
      case HelperEvent.refused:
        this.#finish(this.#unmeasured('refused', payload.toString()));
        break;
      case HelperEvent.ended:
        this.#onReport(payload);
        break;
      default:
        this.#stop('lost', 'the interpreter said something unknown');
    }
  }

  onGone(said: string): void {
    if (this.#ended) return;
    const forced = this.#forced;
    if (forced !== undefined) this.#finish(this.#unmeasured(forced.reason, forced.message));
    else if (this.#early !== undefined) this.#startElsewhere(this.#early);
    else if (this.options.jail.memoryLimitHit) this.#finish(this.#unmeasured('memory', ''));
    else this.#finish(this.#unmeasured('lost', `the interpreter ended early: ${said || 'it said nothing'}`));
  }

  #do(elsewhere: (running: RunningProgram) => void, here: () => void): void {
    if (this.#elsewhere !== undefined) return elsewhere(this.#elsewhere);
    if (this.#ended) return;
    this.#early?.push(elsewhere);
    here();
  }

  #give(type: string, data: Uint8Array): void {
    for (let at = 0; at < data.length; at += CHUNK_BYTES) {
      this.#queue(type, data.subarray(at, at + CHUNK_BYTES));
    }
  }

  #queue(type: string, data: Uint8Array): void {
    this.#waiting.push([type, data]);
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined || this.#underWay + next[1].length > WINDOW_BYTES) return;
      this.#waiting.shift();
      this.#underWay += next[1].length;
      this.options.jail.send(...next);
    }
  }

  #onChannel(chunk: Buffer): void {
    if (!this.options.program.channel) return;
    try {
      for (const frame of this.#frames.push(chunk)) this.options.events.onFrame?.(frame);
    } catch (error) {
      this.#stop('killed', (error as Error).message);
    }
  }

  #onReport(payload: Buffer): void {
    const { jail } = this.options;
    const [fields] = new MessageDecoder().push(payload);
    const report = readLauncherReport(fields ?? [], this.#setupMs());
    const peakMemoryBytes = Math.max(report.peakMemoryBytes, jail.peakBytes);
    let { reason } = report;
    if (reason === 'exit' && jail.memoryLimitHit) reason = 'memory';
    // It was asked to end by us; why, only this side knows.
    if (reason === 'stopped') reason = this.#forced?.reason ?? reason;
    this.#finish({ ...report, reason, peakMemoryBytes, message: this.#forced?.message ?? '' });
  }

  #startElsewhere(early: readonly ((running: RunningProgram) => void)[]): void {
    clearTimeout(this.#timer);
    const other = this.options.fallBack();
    this.#elsewhere = other;
    for (const action of early) action(other);
    this.#ended = true;
    this.#settle(other.end);
  }

  #unmeasured(reason: EndReason, message: string): LauncherEnd {
    const wallMs = this.#startedAt === undefined ? 0 : Math.round(this.options.clock.now() - this.#startedAt);
    const rest = { code: 0, cpuMs: 0, wallMs, setupMs: this.#setupMs(), outputFiles: [] };
    return { reason, message, peakMemoryBytes: this.options.jail.peakBytes, ...rest };
  }

  #setupMs(): number {
    return Math.round((this.#startedAt ?? this.options.clock.now()) - this.#begunAt);
  }

  #finish(end: LauncherEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    const isolation = this.#startedAt === undefined ? '' : isolationOf(this.options.host, 'interpreter');
    this.#settle({ ...end, isolation });
  }

  /** Asks init to end the program; should it not, the whole jail goes. */
  #stop(reason: EndReason, message: string): void {
    if (this.#ended || this.#forced !== undefined) return;
    this.#forced = { reason, message };
    this.options.jail.send(HelperCommand.stop);
    this.#arm(STOP_GRACE_MS, reason, message);
  }

  #arm(delayMs: number, reason: EndReason, message: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#forced ??= { reason, message };
      this.options.jail.destroy(reason === 'lost');
    }, delayMs);
  }
}
