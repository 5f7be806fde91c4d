import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** Whether two LaTeX expressions are equal; undefined where that can't be told in time. */
export type CompareExpressions = (
  left: string,
  right: string,
  signal?: AbortSignal,
) => Promise<boolean | undefined>;

/** A comparer with a thread of its own. */
export interface ExpressionComparer {
  readonly compare: CompareExpressions;
  /** Ends the thread. */
  close(): Promise<void>;
}

/** Bounds of a comparer. */
export interface ComparerLimits {
  /** Milliseconds that one comparison may take; default 3,000. */
  readonly timeoutMs?: number;
  /** Heap of the thread in MiB; default 256. */
  readonly heapMb?: number;
}

// Loading the engine takes 0.2 s on a quiet machine, and is not the comparison's fault.
const startMs = 20_000;

type FromWorker = { readonly ready: true } | { readonly equal: boolean };

interface Waiting {
  readonly left: string;
  readonly right: string;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (equal: boolean | undefined) => void;
}

/**
 * Makes a comparer. Comparisons are made one after another on one thread,
 * which starts with the first of them and is replaced when one takes too long
 * or too much memory: that one can't be told.
 */
export function createExpressionComparer(limits: ComparerLimits = {}): ExpressionComparer {
  const { timeoutMs = 3_000, heapMb = 256 } = limits;
  const queue: Waiting[] = [];
  let worker: Worker | undefined;
  let busy = false;
  let closed = false;

  const next = (): void => {
    const job = queue.shift();
    if (job === undefined || closed) {
      busy = false;
      worker?.unref();
      for (const each of job === undefined ? queue.splice(0) : [job, ...queue.splice(0)])
        each.resolve(undefined);
      return;
    }
    busy = true;
    if (job.signal?.aborted === true) {
      job.resolve(undefined);
      return next();
    }
    void ask(job).then((equal) => {
      job.resolve(equal);
      next();
    });
  };

  const ask = (job: Waiting): Promise<boolean | undefined> =>
    new Promise((resolve) => {
      const isNew = worker === undefined;
      const thread = (worker ??= startWorker(heapMb));
      thread.ref();
      const end = (equal: boolean | undefined): void => {
        clearTimeout(timer);
        thread.off('message', hear).off('error', giveUp).off('exit', giveUp);
        job.signal?.removeEventListener('abort', giveUp);
        if (equal !== undefined) return resolve(equal);
        worker = undefined;
        // Errors of a thread that is being ended say nothing new.
        thread.on('error', () => undefined);
        void thread.terminate().then(() => resolve(undefined));
      };
      const giveUp = (): void => end(undefined);
      const hear = (message: FromWorker): void => {
        if ('equal' in message) return end(message.equal);
        clearTimeout(timer);
        timer = setTimeout(giveUp, timeoutMs);
      };
      let timer = setTimeout(giveUp, isNew ? startMs : timeoutMs);
      thread.on('message', hear).on('error', giveUp).on('exit', giveUp);
      job.signal?.addEventListener('abort', giveUp, { once: true });
      thread.postMessage({ left: job.left, right: job.right });
    });

  return {
    compare: (left, right, signal) =>
      new Promise((resolve) => {
        queue.push({ left, right, signal, resolve });
        if (!busy) next();
      }),
    async close() {
      closed = true;
      await worker?.terminate();
      for (const each of queue.splice(0)) each.resolve(undefined);
    },
  };
}

/** The worker's module, beside this one, or, when bundled, beside the bundle or the folder of its chunks. */
function startWorker(heapMb: number): Worker {
  const places = ['./math-worker/worker.ts', '../math-worker/worker.ts'].map(
    (place) => new URL(place, import.meta.url),
  );
  const file = places.find((place) => existsSync(place)) ?? places[0];
  if (file === undefined) throw new Error('there is no place for the worker');
  return new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: heapMb }, stdout: true, stderr: true });
}
