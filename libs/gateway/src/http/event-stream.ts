import type { Clock } from '../ports.js';

/** How a stream of server-sent events is fed and kept alive. */
export interface EventStreamOptions {
  /** Encoded events, each with its empty line at the end; the iterator is closed when the client goes away. */
  readonly events: AsyncIterator<string, unknown, undefined>;
  readonly clock: Clock;
  /** Silence after which a comment is sent, in milliseconds. */
  readonly heartbeatMs: number;
  /** Time within which a client has to take what was sent, in milliseconds. */
  readonly stallMs: number;
  /** Cuts the connection of a client that took longer. */
  readonly onStall: () => void;
  /** Called once when the stream is over, however it ends. */
  readonly onEnd: () => void;
  readonly headers?: Readonly<Record<string, string>>;
}

const keepAlive = ': keep-alive\n\n';

/** One event as it travels; line breaks within `data` are allowed. */
export function encodeEvent(
  data: string,
  rest: { readonly id?: string; readonly event?: string } = {},
): string {
  const head = [
    ...(rest.id === undefined ? [] : [`id: ${rest.id}`]),
    ...(rest.event === undefined ? [] : [`event: ${rest.event}`]),
  ];
  return [...head, ...data.split('\n').map((line) => `data: ${line}`), '', ''].join('\n');
}

/**
 * A response of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * Events are taken only as fast as the client reads.
 */
export function eventStream(options: EventStreamOptions): Response {
  const { events, clock, heartbeatMs, stallMs } = options;
  const encoder = new TextEncoder();
  let next: ReturnType<typeof events.next> | undefined;
  let over = false;
  let isTaken = (): void => undefined;
  const end = (): void => {
    if (over) return;
    over = true;
    isTaken();
    options.onEnd();
  };
  const leave = (): void => {
    end();
    // What it throws concerns nobody any more.
    events.return?.().catch(() => undefined);
  };
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        isTaken();
        next ??= events.next();
        const beat = timeout(clock, heartbeatMs);
        const step = await Promise.race([next, beat.done]);
        beat.cancel();
        if (over) return;
        if (step !== undefined) next = undefined;
        if (step?.done === true) {
          end();
          controller.close();
          return;
        }
        controller.enqueue(encoder.encode(step === undefined ? keepAlive : step.value));
        isTaken = clock.after(stallMs, () => {
          leave();
          options.onStall();
        });
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      // Proxies would hold events back.
      'x-accel-buffering': 'no',
      ...options.headers,
    },
  });
}

function timeout(clock: Clock, ms: number): { readonly done: Promise<undefined>; cancel(): void } {
  const { promise: done, resolve } = Promise.withResolvers<undefined>();
  const cancel = clock.after(ms, () => resolve(undefined));
  return { done, cancel };
}
