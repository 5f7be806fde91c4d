import { randomUUID } from 'node:crypto';
import type { RunEvent, RunOptions, RunResult } from '@flowreasoner/contracts/metaagent';
import { FlowError, serverStream, unary } from '@flowreasoner/rpc';
import type { Embedded } from '../embedded/attach.js';
import type { TaskInput } from '../task/read-task.js';
import { putHiddenTests } from './put-hidden-tests.js';

/** How long a cancelled run has to say that it ended, in milliseconds. */
const CANCEL_WAIT_MS = 1500;

/** A run to start and watch. */
export interface SolveTaskOptions {
  readonly services: Pick<Embedded, 'metaAgent' | 'reward'>;
  readonly input: TaskInput;
  readonly run: RunOptions;
  /** Whether texts are told as they are written, besides what the journal keeps. */
  readonly streamTokens: boolean;
  /** Called for every event, in order. */
  readonly onEvent: (event: RunEvent) => void;
  /** Cancels the run; its last events are still waited for, for a short while. */
  readonly signal: AbortSignal;
}

/** The run that was made and how it ended. */
export interface SolvedTask {
  readonly run: string;
  readonly result: RunResult;
}

/**
 * Puts the hidden tests to the reward service, starts the run and follows it to
 * its end.
 *
 * @throws FlowError when a service refuses or can't be reached; CANCELLED when
 *   the signal ends it before the run could say so itself
 */
export async function solveTask(options: SolveTaskOptions): Promise<SolvedTask> {
  const { services, input, signal } = options;
  const requestId = randomUUID();
  const rewardTask = await putHiddenTests(services.reward, input, requestId, signal);
  const created = await unary(
    services.metaAgent,
    'createRun',
    { requestId, task: { ...input.task, rewardTask }, options: options.run },
    { signal },
  );
  const run = created.run?.name ?? '';
  const ended = new AbortController();
  const cancel = (): void => {
    void unary(services.metaAgent, 'cancelRun', { name: run }, { deadlineMs: CANCEL_WAIT_MS }).catch(
      () => {},
    );
    setTimeout(() => ended.abort(cancelled()), CANCEL_WAIT_MS).unref();
  };
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const events = serverStream(
      services.metaAgent,
      'watchRun',
      { name: run, afterSequence: 0n, streamTokens: options.streamTokens },
      { deadlineMs: Infinity, signal: ended.signal },
    );
    for await (const { event } of events) {
      if (event === undefined) continue;
      options.onEvent(event);
      if (event.event?.$case === 'runFinished' && event.event.value.result !== undefined) {
        return { run, result: event.event.value.result };
      }
    }
  } catch (error) {
    // That the services are gone says more than which call noticed it.
    if (!(error instanceof FlowError) || error.reason !== 'SERVICE_UNREACHABLE') throw error;
    throw streamEnded(run, error);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  throw streamEnded(run);
}

function streamEnded(run: string, cause?: FlowError): FlowError {
  return new FlowError('UNAVAILABLE', 'RUN_STREAM_ENDED', `the services went away before ${run} ended`, {
    hint: `flow runs show ${run} says how far it came; run the command again`,
    ...(cause === undefined ? {} : { cause }),
  });
}

function cancelled(): FlowError {
  return new FlowError('CANCELLED', 'CANCELLED', 'cancelled; the run is being stopped');
}
