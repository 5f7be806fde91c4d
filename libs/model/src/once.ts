/**
 * Remembers the first result of `ask`. Callers that come while it is being
 * asked wait for that; where it fails, the next of them asks for itself,
 * because a caller that was cancelled must not fail the others.
 */
export function createOnce<T>(): (ask: () => Promise<T>, signal: AbortSignal) => Promise<T> {
  let known: { readonly value: T } | undefined;
  let asking: Promise<unknown> | undefined;
  return async (ask, signal) => {
    for (;;) {
      if (known !== undefined) return known.value;
      if (asking === undefined) break;
      await untilSettled(asking, signal);
    }
    const own = ask();
    asking = own;
    try {
      const value = await own;
      known = { value };
      return value;
    } finally {
      asking = undefined;
    }
  };
}

/** Resolves when the promise is settled either way; rejects with the signal's reason before that. */
function untilSettled(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const leave = (): void => reject(signal.reason as Error);
    const done = (): void => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    signal.addEventListener('abort', leave, { once: true });
    promise.then(done, done);
  });
}
