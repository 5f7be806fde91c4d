import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import type { ProgramLimits } from '../../ports.js';
import { pythonProgram, pythonProgramNames, type PythonProgram } from '../../python-programs.js';
import { INTERPRETER_FDS, interpreterArguments } from './bwrap-arguments.js';
import type { InterpreterCgroup } from './interpreter-cgroup.js';
import type { JailHost } from './jail-host.js';
import {
  HelperCommand,
  HelperDecoder,
  HelperEvent,
  encodeHelperMessage,
  type HelperMessage,
} from './launcher-channel.js';

const DIAGNOSTICS_BYTES = 4096;
const NO_GRADING_PROGRAMS = new Set(['launcher', 'container_launcher', 'interpreter', 'escape_probes']);
/** How long bubblewrap may take to tell its child's id. */
const SETUP_TIMEOUT_MS = 20_000;
/** How long bubblewrap may take to end after everything in the jail was killed. */
const KILL_GRACE_MS = 1000;

/** What an interpreter tells about the program that it runs. */
export interface ProgramListener {
  onMessage(message: HelperMessage): void;
  /** The whole jail is gone; with its last words, or nothing. */
  onGone(said: string): void;
}

/** What an interpreter tells its pool. */
export interface InterpreterEvents {
  /** It can take a program, or take one sooner. */
  readonly onFree: () => void;
  /** It is gone; false if it never came to wait for a program, and nobody asked it to end. */
  readonly onGone: (worked: boolean) => void;
}

/**
 * A pre-forked interpreter in its outer jail: runs one program at a time, each in
 * namespaces of its own. See libs/sandbox/native/jail.h for what it speaks.
 */
export class InterpreterJail {
  /** Settles once nothing of it is left. */
  readonly gone: Promise<void>;
  readonly #settleGone: () => void;
  readonly #child: ChildProcess;
  readonly #cgroup: InterpreterCgroup | undefined;
  readonly #said: Buffer[] = [];
  readonly #decoder = new HelperDecoder();
  #held: Buffer[] | undefined = [];
  #corked = false;
  #listener: ProgramListener | undefined;
  #limits: ProgramLimits | undefined;
  #firstPid: number | undefined;
  #waits = false;
  #worked = false;
  #gone = false;
  #killer: NodeJS.Timeout | undefined;
  #retired = false;
  #broken = false;
  #executions = 0;

  /** Starts one. Failures are told by `events.onGone`, never thrown. */
  constructor(
    private readonly host: JailHost,
    private readonly events: InterpreterEvents,
  ) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gone = promise;
    this.#settleGone = resolve;
    let failure = '';
    try {
      this.#cgroup = host.cgroups?.createForInterpreter();
    } catch (error) {
      failure = `no control group could be made: ${(error as Error).message}`;
    }
    this.#child = this.#spawn();
    this.#child.unref();
    this.#child.on('error', (error) => {
      this.#said.push(Buffer.from(error.message));
      if (this.#child.pid === undefined) void this.#end();
    });
    // What waits for its end still waits for its streams: without them nothing may keep the process alive.
    this.#child.on('exit', () => this.#referStreams());
    this.#child.on('close', () => void this.#end());
    if (this.#child.pid === undefined) return;
    this.#connect();
    if (failure === '') return;
    this.#said.push(Buffer.from(failure));
    this.destroy(true);
  }

  /** Whether it can be given a program. */
  get free(): boolean {
    return this.#listener === undefined && !this.#gone && !this.#retired;
  }

  /** Whether a program that it is given starts at once. */
  get waits(): boolean {
    return this.#waits;
  }

  /** How many programs it was given. */
  get executions(): number {
    return this.#executions;
  }

  /** Greatest memory of the program, bytes; 0 when unknown. */
  get peakBytes(): number {
    return this.#cgroup?.peakBytes() ?? 0;
  }

  /** Whether the kernel killed something of the program for memory. */
  get memoryLimitHit(): boolean {
    return this.#cgroup?.memoryLimitHit() ?? false;
  }

  /** Gives it a program; it must be free. */
  run(request: Uint8Array, limits: ProgramLimits, listener: ProgramListener): void {
    this.#listener = listener;
    this.#executions += 1;
    this.#waits = false;
    if (this.#held === undefined) this.#cgroup?.begin(limits);
    else this.#limits = limits;
    this.#refer(true);
    this.send(HelperCommand.run, request);
  }

  /** Sends a message about the running program. */
  send(type: string, payload?: Uint8Array): void {
    const message = encodeHelperMessage(type, payload);
    if (this.#held !== undefined) {
      this.#held.push(message);
      return;
    }
    if (!this.#control.writable) return;
    if (!this.#corked) {
      // What follows in the same turn goes with it.
      this.#corked = true;
      this.#control.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#control.uncork();
      });
    }
    this.#control.write(message);
  }

  /** Takes no further program, and ends once it runs none. */
  retire(): void {
    this.#retired = true;
    if (this.#listener === undefined) this.destroy();
  }

  /** Kills everything in it at once; `broken`: because it does not do its work. */
  destroy(broken = false): void {
    this.#retired = true;
    this.#broken ||= broken;
    if (this.#gone) return;
    // Killed before it has told its child's id, bubblewrap would leave that child behind, waiting for it.
    if (this.#firstPid === undefined) this.#killLater(SETUP_TIMEOUT_MS);
    else {
      try {
        process.kill(this.#firstPid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
      this.#killLater(KILL_GRACE_MS);
    }
  }

  /** Kills everything in it; the process stays alive until nothing of it is left. */
  close(): Promise<void> {
    this.#child.ref();
    this.#referStreams();
    this.destroy();
    return this.gone;
  }

  /** Kills everything in it and takes its control group away before it returns; the service is about to end. */
  endNow(): void {
    this.destroy();
    this.#cgroup?.removeNow();
  }

  #killLater(delayMs: number): void {
    this.#killer ??= setTimeout(() => this.#child.kill('SIGKILL'), delayMs).unref();
  }

  get #control(): Duplex {
    return this.#stream(INTERPRETER_FDS.control);
  }

  #stream(fd: number): Duplex {
    return this.#child.stdio[fd] as Duplex;
  }

  #spawn(): ChildProcess {
    const { host } = this;
    const command = [host.pythonPath, '-I', '-c', pythonProgram('interpreter')];
    const helper = openSync(host.helperPath ?? '', 'r');
    try {
      return spawn(host.bwrapPath, interpreterArguments(host, command), {
        cwd: '/',
        env: {},
        stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'ignore', 'pipe', helper, 'pipe'],
        ...host.runAs,
      });
    } finally {
      closeSync(helper);
    }
  }

  #connect(): void {
    // Writes to a jail that has just ended fail; its end is told elsewhere.
    for (const stream of this.#child.stdio) stream?.on('error', () => undefined);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      (stream as Readable).on('data', (chunk: Buffer) => {
        if (this.#said.length < 16) this.#said.push(chunk.subarray(0, DIAGNOSTICS_BYTES));
      });
    }
    this.#stream(INTERPRETER_FDS.programs).end(gradingPrograms());
    this.#control.on('data', (chunk: Buffer) => this.#onData(chunk));
    let text = '';
    const info = this.#stream(INTERPRETER_FDS.info);
    info.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const pid = /"child-pid": (\d+)[^]*\}/.exec(text)?.[1];
      if (pid !== undefined && this.#firstPid === undefined) this.#configure(Number(pid));
    });
    for (const stream of this.#child.stdio) (stream as Socket | null)?.unref();
    if (this.#listener !== undefined) this.#refer(true);
  }

  /** The interpreter waits for this, so no program can miss its control group. */
  #configure(firstPid: number): void {
    this.#firstPid = firstPid;
    if (this.#retired) return this.destroy();
    try {
      this.#cgroup?.add(firstPid);
    } catch (error) {
      return this.#fail(error);
    }
    this.#control.write(encodeHelperMessage(HelperCommand.configure, this.host.seccompFilter));
  }

  /** Only now is it known what the interpreter uses by itself. */
  #sendHeld(held: readonly Buffer[]): void {
    try {
      if (this.#limits !== undefined) this.#cgroup?.begin(this.#limits);
    } catch (error) {
      return this.#fail(error);
    }
    this.#held = undefined;
    this.#control.write(Buffer.concat(held));
  }

  #fail(error: unknown): void {
    this.#said.push(Buffer.from(`its control group could not be set up: ${(error as Error).message}`));
    this.destroy(true);
  }

  #onData(chunk: Buffer): void {
    let messages: HelperMessage[];
    try {
      messages = this.#decoder.push(chunk);
    } catch {
      return this.destroy();
    }
    for (const message of messages) this.#onMessage(message);
  }

  #onMessage(message: HelperMessage): void {
    if (message.type === HelperEvent.ready) {
      this.#waits = this.#listener === undefined;
      this.#worked = true;
      if (this.#held !== undefined) this.#sendHeld(this.#held);
      this.events.onFree();
      return;
    }
    const listener = this.#listener;
    if (listener === undefined) return this.destroy();
    listener.onMessage(message);
    if (message.type !== HelperEvent.ended && message.type !== HelperEvent.refused) return;
    this.#listener = undefined;
    this.#refer(false);
    if (this.#retired) this.destroy();
    else this.events.onFree();
  }

  async #end(): Promise<void> {
    if (this.#gone) return;
    this.#gone = true;
    clearTimeout(this.#killer);
    this.#waits = false;
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onGone(Buffer.concat(this.#said).toString('utf8', 0, DIAGNOSTICS_BYTES).trim());
    this.events.onGone(this.#worked || (this.#retired && !this.#broken));
    await this.#cgroup?.remove();
    this.#settleGone();
  }

  #referStreams(): void {
    for (const stream of this.#child.stdio) {
      if (stream?.destroyed === false) (stream as Socket).ref();
    }
  }

  /** Only a running program keeps the process alive: until it has ended, or the jail that was killed with it. */
  #refer(running: boolean): void {
    for (const handle of [this.#control as Socket, this.#child]) {
      if (running) handle.ref();
      else handle.unref();
    }
  }
}

/** Our own programs that gradings run, by name: an interpreter compiles them once for all gradings. */
function gradingPrograms(): string {
  const names = pythonProgramNames().filter((name) => !NO_GRADING_PROGRAMS.has(name));
  return JSON.stringify(
    Object.fromEntries(names.map((name) => [name, pythonProgram(name as PythonProgram)])),
  );
}
