import { performance } from 'node:perf_hooks';
import type { FromWorker, ToWorker, WorkerOptions } from './protocol.js';

/**
 * The whole life of a worker process: loads the model, then does one job after another as
 * told over IPC. Dies with its parent, however that ends.
 */
export async function runWorkerProcess(options: WorkerOptions): Promise<void> {
  // Not exit(): that waits for the native evaluation in progress.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  // A Ctrl-C reaches the whole process group; the parent decides what becomes of us.
  process.on('SIGINT', () => undefined);
  const send = (message: FromWorker): void => {
    if (process.connected) process.send?.(message);
  };

  const begun = performance.now();
  // Loaded here only, so that the server and its clients start without the native library.
  const { LlamaGenerator, RejectedJob } = await import('./llama-generator.js');
  const generator = await LlamaGenerator.load(options).catch((error: unknown) => {
    process.send?.({ type: 'unusable', message: error instanceof Error ? error.message : String(error) });
    throw error;
  });

  let current: { readonly id: number; readonly abort: AbortController } | undefined;
  const generate = async (message: Extract<ToWorker, { type: 'generate' }>): Promise<void> => {
    const { id, job } = message;
    const abort = new AbortController();
    current = { id, abort };
    try {
      await generator.generate(
        job,
        {
          onEvent: (event) => send({ type: 'event', id, event }),
          onProgress: () => send({ type: 'progress', id }),
        },
        abort.signal,
      );
      if (abort.signal.aborted) send({ type: 'aborted', id });
    } catch (error) {
      if (!(error instanceof RejectedJob)) throw error;
      send({ type: 'rejected', id, rejection: error.rejection });
    }
  };
  process.on('message', (message: ToWorker) => {
    if (message.type === 'generate') void generate(message).catch(die);
    else if (current?.id === message.id) current.abort.abort();
  });
  send({ type: 'ready', contextSize: generator.contextSize, loadMs: Math.round(performance.now() - begun) });
}

/** What the library holds is in doubt after an unexpected error: the parent starts a fresh process. */
function die(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(70);
}
