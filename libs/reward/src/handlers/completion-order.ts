type Event<In, Out> = { read: IteratorResult<In> } | { id: number; result: Out };

/**
 * Maps a sequence with at most `limit` items under way, and yields results in
 * the order in which they are ready. The source is read only while there is
 * room. The first failure ends it.
 */
export async function* inCompletionOrder<In, Out>(
  source: AsyncIterable<In>,
  limit: number,
  map: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const iterator = source[Symbol.asyncIterator]();
  const running = new Map<number, Promise<Event<In, Out>>>();
  let reading: Promise<Event<In, Out>> | undefined;
  let ended = false;
  let nextId = 0;
  try {
    while (!ended || running.size > 0) {
      if (!ended && running.size < limit) reading ??= iterator.next().then((read) => ({ read }));
      const event = await Promise.race([...(reading ? [reading] : []), ...running.values()]);
      if ('read' in event) {
        reading = undefined;
        if (event.read.done) ended = true;
        else {
          const id = nextId++;
          running.set(
            id,
            map(event.read.value).then((result) => ({ id, result })),
          );
        }
      } else {
        running.delete(event.id);
        yield event.result;
      }
    }
  } finally {
    // Not awaited: a source that still waits for its next item would hold the failure back.
    if (!ended) iterator.return?.().catch(() => undefined);
  }
}
