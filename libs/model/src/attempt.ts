import { readAnswer } from './answer-reader.js';
import type { RawAnswer } from './answer-reader.js';
import type { ModelEndpoint } from './endpoint.js';
import { timeoutError, toAttemptError } from './model-error.js';
import type { AttemptError, ErrorPlace } from './model-error.js';
import type { Clock } from './ports.js';
import type { Transport } from './transport.js';

/** What one attempt needs. */
export interface AttemptOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly place: ErrorPlace;
  readonly timeouts: Pick<ModelEndpoint, 'requestTimeoutMs' | 'idleTimeoutMs'>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly insideThink: boolean;
  readonly signal: AbortSignal;
  /** Gets every piece that holds text or reasoning; what it throws ends the attempt and is thrown on. */
  readonly onPiece: (index: number, piece: { readonly text: string; readonly reasoning: string }) => void;
}

// Made once: making one for each request costs more than all else that ends it.
const attemptOver = new Error('the attempt is over');

/**
 * Sends one request and reads its answer. The connection is closed when the
 * signal is aborted, and when the endpoint's time limits are passed.
 *
 * @throws the signal's reason where that was aborted; otherwise {@link AttemptError}
 */
export async function runAttempt(options: AttemptOptions): Promise<RawAnswer> {
  const { clock, place, timeouts, signal } = options;
  signal.throwIfAborted();
  const controller = new AbortController();
  const forward = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });

  let timedOut: AttemptError | undefined;
  const limit = (kind: 'idle' | 'total', afterMs: number): (() => void) =>
    clock.after(afterMs, () => {
      timedOut = timeoutError(kind, afterMs, place);
      controller.abort(timedOut);
    });
  const cancelTotal = limit('total', timeouts.requestTimeoutMs);
  let cancelIdle = limit('idle', timeouts.idleTimeoutMs);
  let listenerError: { readonly error: unknown } | undefined;

  const onPiece: AttemptOptions['onPiece'] = (index, piece) => {
    cancelIdle();
    cancelIdle = limit('idle', timeouts.idleTimeoutMs);
    if (piece.text === '' && piece.reasoning === '') return;
    try {
      options.onPiece(index, piece);
    } catch (error) {
      listenerError = { error };
      throw error;
    }
  };

  try {
    const response = await options.transport.open(options.body, controller.signal);
    return await readAnswer(response, {
      events: (streamed) => options.transport.events(streamed, controller),
      insideThink: options.insideThink,
      onPiece,
    });
  } catch (error) {
    signal.throwIfAborted();
    if (listenerError !== undefined) throw listenerError.error;
    throw timedOut ?? toAttemptError(error, place, clock.now());
  } finally {
    signal.removeEventListener('abort', forward);
    cancelTotal();
    cancelIdle();
    // Closes what is left of a response that was not read to its end.
    controller.abort(attemptOver);
  }
}
