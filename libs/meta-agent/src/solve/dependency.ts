import { FlowError, type FlowErrorCode } from '@flowreasoner/rpc';
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

/**
 * Calls a service on a run's behalf.
 *
 * @throws the run's own reason when it was cancelled or is past its deadline;
 *   otherwise FlowError UNAVAILABLE that names the service, or what the service
 *   said about the request
 */
export async function callDependency<T>(
  context: Pick<SolveContext, 'signal'>,
  dependency: Dependency,
  call: () => Promise<T>,
): Promise<T> {
  context.signal.throwIfAborted();
  try {
    return await call();
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof FlowError && telling.has(error.code)) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw new FlowError('UNAVAILABLE', dependency.reason, `${capital(dependency.name)} failed: ${said}`, {
      cause: error,
      hint: (error instanceof FlowError ? error.options.hint : undefined) ?? dependency.hint,
    });
  }
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
