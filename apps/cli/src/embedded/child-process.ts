import { type ChildProcess, spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FlowError } from '@flowreasoner/rpc';

/** How long a child has to end after SIGTERM before it is killed, in milliseconds. */
const GRACE_MS = 1000;

/** Path of something in the workspace that this command belongs to, such as `examples`. */
export function workspacePath(...parts: readonly string[]): string {
  // The bundle that runs is dist/apps/cli/*.js.
  return join(dirname(realpathSync(process.argv[1] ?? '.')), '..', '..', '..', ...parts);
}

/** Path of an app's bundle. */
export function bundlePath(app: string, file = 'main.js'): string {
  return workspacePath('dist', 'apps', app, file);
}

/** A service that runs as a child process. */
export interface ChildService {
  readonly processId: number;
  /** Rejects when the child ends without being asked to. */
  readonly failed: Promise<never>;
  /** Ends the child: SIGTERM, and SIGKILL after a second. */
  close(): Promise<void>;
}

/**
 * Starts an app's bundle with nothing in its environment but what is given.
 * What it writes to standard error goes where ours goes.
 */
export function startChild(app: string, env: Readonly<Record<string, string>>): ChildService {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', bundlePath(app)], {
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...env },
    // A service that sees its standard input end stops, so that a killed parent leaves none behind.
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  let closing = false;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  const failed = ended.then((how): never | Promise<never> => {
    if (closing) return new Promise<never>(() => {});
    throw new FlowError('UNAVAILABLE', 'SERVICE_DIED', `the ${app} service ended by itself (${how})`, {
      hint: 'flow doctor says what is missing',
    });
  });
  failed.catch(() => {});
  return {
    processId: child.pid ?? 0,
    failed,
    close: async () => {
      closing = true;
      await end(child, ended);
    },
  };
}

async function end(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await ended;
  clearTimeout(timer);
}
