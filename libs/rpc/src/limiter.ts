/** Lets at most a fixed number of holders through at a time, the others in the order they came. */
export interface Limiter {
  /** Resolves with the function that gives the place back; rejects with the signal's reason. */
  acquire(signal?: AbortSignal): Promise<() => void>;
  /** Does the task once there is a place for it, and gives the place back however it ends; rejects as `acquire`. */
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** Creates a {@link Limiter} with `places` places. */
export function createLimiter(places: number): Limiter {
  const queue: (() => void)[] = [];
  let free = places;

  const take = (): (() => void) => {
    free -= 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      free += 1;
      queue.shift()?.();
    };
  };

  const acquire = (signal?: AbortSignal): Promise<() => void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      if (free > 0) return resolve(take());
      const enter = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve(take());
      };
      const leave = (): void => {
        queue.splice(queue.indexOf(enter), 1);
        reject(signal?.reason as Error);
      };
      queue.push(enter);
      signal?.addEventListener('abort', leave, { once: true });
    });

  return {
    acquire,
    async run(task, signal) {
      const leave = await acquire(signal);
      try {
        return await task();
      } finally {
        leave();
      }
    },
  };
}
