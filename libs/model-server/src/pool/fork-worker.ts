import { fork } from 'node:child_process';
import type { SpawnWorker } from '../ports.js';
import type { FromWorker, WorkerOptions } from '../worker/protocol.js';

/** The first argument that makes the program a worker instead of the server. */
export const WORKER_ARGUMENT = '--model-worker';

/**
 * Starts workers by running the server's own program again.
 *
 * @param program path of the program's main module
 */
export function forkWorker(program: string, options: WorkerOptions): SpawnWorker {
  return () => {
    const child = fork(program, [WORKER_ARGUMENT, JSON.stringify(options)], {
      // Standard output belongs to the server: what the library prints goes to standard error.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    return {
      pid: child.pid ?? -1,
      send: (message) => {
        // An error here means that the process is gone, which its exit tells as well.
        if (child.connected) child.send(message, () => undefined);
      },
      kill: () => void child.kill('SIGKILL'),
      onMessage: (listener) => void child.on('message', (message) => listener(message as FromWorker)),
      onExit: (listener) => {
        let told = false;
        const tell = (how: string): void => {
          if (told) return;
          told = true;
          listener(how);
        };
        child.on('exit', (code, signal) => tell(signal ?? `exit code ${code}`));
        child.on('error', (error) => tell(error.message));
      },
    };
  };
}
