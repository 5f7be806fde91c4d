import type { GenerationJob } from '../generation.js';
import type { Log, Schedule, SpawnWorker, WorkerHandle } from '../ports.js';
import type { FromWorker } from '../worker/protocol.js';

/** What may come of a job, besides its events. */
export type JobEnd =
  | Extract<FromWorker, { type: 'rejected' | 'aborted' }>
  /** The worker is gone; the job with it. */
  | { readonly type: 'lost'; readonly how: string };

/** Told about a slot's worker and about the job it has. */
export interface SlotListener {
  /** The worker can take a job: just loaded, or done with the last. */
  onFree(slot: WorkerSlot): void;
  /** A worker ended before it was ready, `failures` times in a row. */
  onStartFailed(slot: WorkerSlot, message: string, failures: number): void;
}

/** Told about one job. */
export interface JobListener {
  onEvent(event: Extract<FromWorker, { type: 'event' }>['event']): void;
  onEnd(end: JobEnd): void;
}

/** What a slot needs. */
export interface WorkerSlotOptions {
  readonly spawn: SpawnWorker;
  readonly schedule: Schedule;
  readonly log: Log;
  readonly listener: SlotListener;
}

/** A worker that neither loads nor answers for so long is taken for stuck and ended. */
export const STUCK_AFTER_MS = 60_000;
const FIRST_RESTART_DELAY_MS = 250;
const LONGEST_RESTART_DELAY_MS = 15_000;

/**
 * Keeps one worker process alive: starts it, watches it, starts another when it has died,
 * and gives it one job at a time.
 */
export class WorkerSlot {
  /** The prompt that the worker read last. */
  heldPrompt: string | undefined;
  /** Tokens the worker's context holds; known once it is ready. */
  contextSize: number | undefined;
  private worker: WorkerHandle | undefined;
  private ready = false;
  private closed = false;
  private failures = 0;
  private job: { readonly id: number; readonly listener: JobListener } | undefined;
  private nextId = 1;
  private stopWatching = (): void => undefined;
  private stopRestart = (): void => undefined;

  constructor(private readonly options: WorkerSlotOptions) {}

  /** Whether a job can be given now. */
  get free(): boolean {
    return this.ready && this.job === undefined;
  }

  /** Whether the worker has loaded its model and lives. */
  get alive(): boolean {
    return this.ready;
  }

  /** The worker's process id while it lives. */
  get pid(): number | undefined {
    return this.worker?.pid;
  }

  /** Starts the worker. */
  start(): void {
    const worker = this.options.spawn();
    let message = 'it ended before it was ready';
    this.worker = worker;
    this.watch();
    worker.onMessage((received) => {
      if (worker !== this.worker) return;
      if (received.type === 'unusable') message = received.message;
      else this.receive(received);
    });
    worker.onExit((how) => {
      if (worker === this.worker) this.exited(how, message);
    });
  }

  /** Gives the worker a job; the slot must be free. */
  run(job: GenerationJob, promptKey: string, listener: JobListener): { abort(): void } {
    const worker = this.worker;
    if (!this.free || worker === undefined) throw new Error('the worker is not free');
    const id = this.nextId++;
    this.job = { id, listener };
    this.heldPrompt = promptKey;
    this.watch();
    worker.send({ type: 'generate', id, job });
    return {
      abort: () => {
        if (this.job?.id === id) this.worker?.send({ type: 'abort', id });
      },
    };
  }

  /** Ends the worker for good. */
  close(): void {
    this.closed = true;
    this.stopWatching();
    this.stopRestart();
    this.worker?.kill();
  }

  private receive(message: Exclude<FromWorker, { type: 'unusable' }>): void {
    if (message.type === 'ready') {
      this.ready = true;
      this.failures = 0;
      this.contextSize = message.contextSize;
      this.stopWatching();
      this.options.log('info', 'worker ready', { pid: this.worker?.pid, load_ms: message.loadMs });
      this.options.listener.onFree(this);
      return;
    }
    const job = this.job;
    if (job === undefined || job.id !== message.id) return;
    this.watch();
    if (message.type === 'progress') return;
    if (message.type === 'event') {
      if (message.event.type === 'done') this.release();
      job.listener.onEvent(message.event);
    } else {
      this.release();
      job.listener.onEnd(message);
    }
    if (this.free) this.options.listener.onFree(this);
  }

  private release(): void {
    this.job = undefined;
    this.stopWatching();
  }

  private exited(how: string, startMessage: string): void {
    const job = this.job;
    const wasReady = this.ready;
    this.release();
    this.ready = false;
    this.worker = undefined;
    this.heldPrompt = undefined;
    if (!this.closed) {
      this.options.log('warn', 'worker ended', { how, ready: wasReady });
      const delay = Math.min(FIRST_RESTART_DELAY_MS * 2 ** this.failures, LONGEST_RESTART_DELAY_MS);
      if (!wasReady) this.failures++;
      this.stopRestart = this.options.schedule(wasReady ? 0 : delay, () => this.start());
    }
    job?.listener.onEnd({ type: 'lost', how });
    if (!wasReady && !this.closed) {
      this.options.listener.onStartFailed(this, `${startMessage} (${how})`, this.failures);
    }
  }

  private watch(): void {
    this.stopWatching();
    const worker = this.worker;
    this.stopWatching = this.options.schedule(STUCK_AFTER_MS, () => {
      this.options.log('error', 'worker is stuck', { pid: worker?.pid, after_ms: STUCK_AFTER_MS });
      worker?.kill();
    });
  }
}
