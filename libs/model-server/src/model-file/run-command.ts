import { spawn } from 'node:child_process';

/** How a command ended. */
export interface CommandResult {
  /** `undefined` where it could not be started or was killed. */
  readonly exitCode: number | undefined;
  /** The last of what it wrote to standard output and standard error. */
  readonly output: string;
}

const KEPT_OUTPUT = 4_096;

/**
 * Runs a command to its end. A missing program is a result, not an exception.
 *
 * @param signal kills it
 */
export async function runCommand(
  command: readonly [string, ...string[]],
  options: { readonly env?: NodeJS.ProcessEnv; readonly signal?: AbortSignal | undefined } = {},
): Promise<CommandResult> {
  const [program, ...args] = command;
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: options.env ?? process.env,
      ...(options.signal && { signal: options.signal }),
    });
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ exitCode: undefined, output: `${output}${error.message}` }));
    child.on('close', (code) => resolve({ exitCode: code ?? undefined, output }));
  });
}
