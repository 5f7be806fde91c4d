import type { MetaAgentServiceClient, RunEvent, SolveRequest } from '@flowreasoner/contracts/metaagent';
import { FlowError, serverStream, unary } from '@flowreasoner/rpc';
import type { Clock } from '../ports.js';

/** What following a run needs. */
export interface FollowOptions {
  readonly client: MetaAgentServiceClient;
  readonly clock: Clock;
  readonly tenant: string;
  /** Cancels the run. */
  readonly signal: AbortSignal;
}

const firstPauseMs = 250;
const longestPauseMs = 4_000;
/** How long a run may be out of sight, in milliseconds: another replica takes a dead one's runs over within 30 s. */
const patienceMs = 60_000;
const cancelMs = 10_000;

/**
 * Starts a run and gives its events in order, each once, until it has ended. Leaving the loop, or
 * aborting the signal, cancels the run. When the replica that is asked goes away, the rest of the
 * events comes from another one.
 *
 * @throws FlowError as the meta-agent threw it; UNAVAILABLE when no replica can be reached for a minute
 */
export async function* followRun(
  request: SolveRequest,
  options: FollowOptions,
): AsyncGenerator<RunEvent, void, undefined> {
  const { client, clock, tenant, signal } = options;
  let [run, cursor] = ['', 0n];
  let [finished, isWatched] = [false, false];
  let lostAt: number | undefined;
  let pauseMs = firstPauseMs;
  try {
    for (;;) {
      const call = { tenant, signal, deadlineMs: Infinity };
      const stream = isWatched
        ? serverStream(client, 'watchRun', { name: run, afterSequence: cursor, streamTokens: false }, call)
        : serverStream(client, 'solve', request, call);
      try {
        for await (const { event } of stream) {
          if (event === undefined) continue;
          run = event.run;
          if (event.sequence > cursor) cursor = event.sequence;
          [lostAt, pauseMs] = [undefined, firstPauseMs];
          finished = event.event?.$case === 'runFinished';
          yield event;
        }
        return;
      } catch (error) {
        lostAt ??= clock.now();
        const isOver = signal.aborted || run === '' || !canResume(error);
        if (isOver || clock.now() - lostAt >= patienceMs) throw error;
      }
      // From here on nobody but us cancels the run.
      isWatched = true;
      await pause(clock, pauseMs, signal);
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
    }
  } finally {
    if (!finished && isWatched) {
      // A replica that can't be told lets the run end by its deadline.
      await unary(client, 'cancelRun', { name: run }, { tenant, deadlineMs: cancelMs }).catch(
        () => undefined,
      );
    }
  }
}

function canResume(error: unknown): boolean {
  return error instanceof FlowError && error.code === 'UNAVAILABLE';
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      stop();
      reject(new FlowError('CANCELLED', 'CLIENT_GONE', 'The client went away.'));
    };
    const stop = clock.after(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
