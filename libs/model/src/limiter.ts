/** Lets at most a fixed number of holders through at a time, the others in the order they came. */
export interface Limiter {
  /** Resolves with the function that gives the place back; rejects with the signal's reason. */
  acquire(signal: AbortSignal): Promise<() => void>;
}

/** Creates a {@link Limiter} with `places` places. */
export function createLimiter(places: number): Limiter {
  const queue: (() => void)[] = [];
  let free = places;

  const release = (): void => {
    free += 1;
    queue.shift()?.();
  };
  const take = (): (() => void) => {
    free -= 1;
    let held = true;
    return () => {
      if (held) release();
      held = false;
    };
  };

  return {
    acquire: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error);
        if (free > 0) return resolve(take());
        const enter = (): void => {
          signal.removeEventListener('abort', leave);
          resolve(take());
        };
        const leave = (): void => {
          queue.splice(queue.indexOf(enter), 1);
          reject(signal.reason as Error);
        };
        queue.push(enter);
        signal.addEventListener('abort', leave, { once: true });
      }),
  };
}
