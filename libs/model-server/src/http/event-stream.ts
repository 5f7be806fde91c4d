import { toOpenAiError } from './openai-error.js';

/** Waits for the first item, so that an error before it is thrown here, and gives it back with the rest. */
export async function takeFirst<T>(items: AsyncGenerator<T, void, undefined>): Promise<AsyncIterable<T>> {
  const first = await items.next();
  return (async function* () {
    try {
      if (first.done === true) return;
      yield first.value;
      yield* items;
    } finally {
      await items.return();
    }
  })();
}

/**
 * A response of server-sent events: one for each object, then `[DONE]`. An error after the
 * first event is sent as an object with `error`, and ends the stream without `[DONE]`.
 *
 * @param onCancel called when the client goes away
 */
export function eventStream(objects: AsyncIterable<object>, onCancel: () => void): Response {
  const encoder = new TextEncoder();
  const encode = (data: string): Uint8Array => encoder.encode(`data: ${data}\n\n`);
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      try {
        for await (const object of objects) {
          if (cancelled) return;
          controller.enqueue(encode(JSON.stringify(object)));
        }
        if (!cancelled) controller.enqueue(encode('[DONE]'));
      } catch (error) {
        if (!cancelled) controller.enqueue(encode(JSON.stringify(toOpenAiError(error).body)));
      }
      if (!cancelled) controller.close();
    },
    cancel() {
      cancelled = true;
      onCancel();
    },
  });
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
  });
}
