/** An async iterable that is filled from elsewhere; one consumer. */
export class EventQueue<T> implements AsyncIterable<T> {
  private readonly items: T[] = [];
  private end: { readonly error?: unknown } | undefined;
  private wake: (() => void) | undefined;

  /** Adds an item; ignored once the queue is closed. */
  push(item: T): void {
    if (this.end !== undefined) return;
    this.items.push(item);
    this.wake?.();
  }

  /** Ends the iteration once what is queued is read. */
  close(): void {
    this.end ??= {};
    this.wake?.();
  }

  /** Makes the iteration throw once what is queued is read. */
  fail(error: unknown): void {
    this.end ??= { error };
    this.wake?.();
  }

  /** Yields the items until the queue is closed or fails. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    while (true) {
      const item = this.items.shift();
      if (item !== undefined) {
        yield item;
      } else if (this.end !== undefined) {
        if ('error' in this.end) throw this.end.error;
        return;
      } else {
        await new Promise<void>((resolve) => (this.wake = resolve));
        this.wake = undefined;
      }
    }
  }
}
