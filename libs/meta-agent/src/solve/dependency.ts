import { FlowError, type FlowErrorCode } from '@flowreasoner/rpc';
import type { Clock } from '../ports.js';
import type { SolveContext } from './context.js';

/** A service that a run needs. */
export interface Dependency {
  /** As people know it, such as "the sandbox". */
  readonly name: string;
  /** Reason of the error when it can't be used. */
  readonly reason: string;
  readonly hint: string;
}

/** The services that runs need. */
export const dependencies = {
  runner: {
    name: 'the workflow runner',
    reason: 'RUNNER_UNAVAILABLE',
    hint: 'Check that the workflow runner is up and that its address is right.',
  },
  sandbox: {
    name: 'the sandbox',
    reason: 'SANDBOX_UNAVAILABLE',
    hint: 'Check that the sandbox is up and that its address is right; `flow doctor` tells what it lacks.',
  },
  grader: {
    name: 'the grader',
    reason: 'GRADER_UNAVAILABLE',
    hint: 'Check that the grader is up and that its address in the configuration is right.',
  },
  reward: {
    name: 'the reward service',
    reason: 'REWARD_UNAVAILABLE',
    hint: 'Check that the reward service is up and that its address is right.',
  },
} satisfies Record<string, Dependency>;

// What these say is about the request and worth telling as it is.
const telling: ReadonlySet<FlowErrorCode> = new Set([
  'FAILED_PRECONDITION',
  'RESOURCE_EXHAUSTED',
  'NOT_FOUND',
]);

const firstWaitMs = 100;
const longestWaitMs = 2_000;
// A service that goes away so often while it works on one request goes away because of it.
const mostBreaks = 4;

/**
 * Calls a service on a run's behalf, again and again while it can't be reached,
 * as long as the run's patience lasts: since it began to fail, not since the
 * call began, which may take long.
 *
 * @param call makes the call; it tells `working` when the service does
 * @throws the run's own reason when it was cancelled or is past its deadline;
 *   otherwise FlowError UNAVAILABLE that names the service, or what the service
 *   said about the request
 */
export async function callDependency<T>(
  context: Pick<SolveContext, 'signal' | 'ports'>,
  dependency: Dependency,
  call: (working: () => void) => Promise<T>,
): Promise<T> {
  const { ports, signal } = context;
  let [waitMs, breaks] = [firstWaitMs, 0];
  let giveUpAt: number | undefined;
  for (;;) {
    signal.throwIfAborted();
    let isWorking = false;
    try {
      return await call(() => (isWorking = true));
    } catch (error) {
      signal.throwIfAborted();
      const now = ports.clock.now();
      if (isWorking && ++breaks < mostBreaks) [waitMs, giveUpAt] = [firstWaitMs, undefined];
      giveUpAt ??= now + ports.patienceMs;
      if (!isPassing(error) || now + waitMs > giveUpAt) throw named(dependency, error);
    }
    await pause(ports.clock, waitMs, signal);
    waitMs = Math.min(2 * waitMs, longestWaitMs);
  }
}

/** Whether a failure may be gone in a while: the service restarts, or a replica of an earlier version is still there. */
function isPassing(error: unknown): boolean {
  return error instanceof FlowError && (error.code === 'UNAVAILABLE' || error.code === 'UNIMPLEMENTED');
}

function named(dependency: Dependency, error: unknown): unknown {
  if (error instanceof FlowError && telling.has(error.code)) return error;
  const said = error instanceof Error ? error.message : String(error);
  return new FlowError('UNAVAILABLE', dependency.reason, `${capital(dependency.name)} failed: ${said}`, {
    cause: error,
    hint: (error instanceof FlowError ? error.options.hint : undefined) ?? dependency.hint,
  });
}

/** Waits, unless the run ends first. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      stop();
      signal.removeEventListener('abort', go);
      resolve();
    };
    const stop = clock.after(ms, go);
    signal.addEventListener('abort', go, { once: true });
  });
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
