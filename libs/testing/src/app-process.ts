import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** An app of the product that runs as a process of its own. */
export interface AppProcess {
  readonly child: ChildProcess;
  /** What it has printed so far on standard output. */
  printed(): string;
  /** What it has logged so far on standard error; empty unless the logs are kept. */
  logs(): string;
  /** Sends SIGTERM unless it has ended; resolves with its exit code, null where a signal ended it. */
  stop(): Promise<number | null>;
  /** As {@link stop}, with SIGKILL. */
  kill(): Promise<number | null>;
}

/** How an app is started. */
export interface AppProcessOptions {
  /** Added to a bare environment, which holds only PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether logs are kept for {@link AppProcess.logs} instead of shown. Default: false. */
  readonly keepLogs?: boolean;
}

/** Path of an app's bundle, which the build has made: `dist/apps/<app>/main.js`. */
export function appProgram(app: string): string {
  return fileURLToPath(new URL(`../../../dist/apps/${app}/main.js`, import.meta.url));
}

/** Starts an app's bundle; wait for its service before calling it. */
export function startApp(app: string, { env, keepLogs = false }: AppProcessOptions): AppProcess {
  const child = spawn(process.execPath, [appProgram(app)], {
    env: { PATH: process.env['PATH'], FLOW_LOG_LEVEL: 'warn', ...env },
    // Standard input stays open: some apps stop when it ends.
    stdio: ['pipe', 'pipe', keepLogs ? 'pipe' : 'inherit'],
  });
  let [printed, logs] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (logs += chunk.toString()));
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      // Closed, not only exited: all that it said has been read then.
      const closed = once(child, 'close');
      child.kill(signal);
      await closed;
    }
    return child.exitCode;
  };
  return {
    child,
    printed: () => printed,
    logs: () => logs,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
