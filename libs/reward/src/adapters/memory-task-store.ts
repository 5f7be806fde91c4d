import { LruCache } from '../lru-cache.js';
import type { TaskStore } from '../ports.js';
import type { RewardTask } from '../tasks/task.js';

/** Bounds of a {@link MemoryTaskStore}. */
export interface MemoryTaskStoreLimits {
  /** Greatest number of tasks. Default 20,000. */
  readonly tasks?: number;
  /** Greatest size of all suites together, in bytes. Default 256 MiB. */
  readonly bytes?: number;
}

/** Keeps tasks in memory; beyond its bounds it forgets those used longest ago. */
export class MemoryTaskStore implements TaskStore {
  readonly #tasks: LruCache<RewardTask>;
  readonly #byRequest = new Map<string, RewardTask>();

  constructor(limits: MemoryTaskStoreLimits = {}) {
    this.#tasks = new LruCache<RewardTask>({
      entries: limits.tasks ?? 20_000,
      weight: limits.bytes ?? 256 * 1024 * 1024,
      weigh: (task) => task.bytes,
      evicted: (_handle, task) => this.#byRequest.delete(requestKey(task.tenant, task.requestId)),
    });
  }

  get(handle: string): Promise<RewardTask | undefined> {
    return Promise.resolve(this.#tasks.get(handle));
  }

  findByRequest(tenant: string, requestId: string): Promise<RewardTask | undefined> {
    return Promise.resolve(this.#byRequest.get(requestKey(tenant, requestId)));
  }

  put(task: RewardTask): Promise<void> {
    if (task.requestId !== '') this.#byRequest.set(requestKey(task.tenant, task.requestId), task);
    this.#tasks.set(task.handle, task);
    return Promise.resolve();
  }
}

function requestKey(tenant: string, requestId: string): string {
  return JSON.stringify([tenant, requestId]);
}
