import { LruCache } from '../../lru-cache.js';
import type { TaskStore } from '../../ports.js';
import type { RewardTask } from '../../tasks/task.js';
import { DEFAULT_TASK_BYTES, DEFAULT_TASKS, type TaskStoreLimits } from './task-store-limits.js';

/** Keeps tasks in memory, as long as the process lives. */
export class MemoryTaskStore implements TaskStore {
  readonly #tasks: LruCache<RewardTask>;
  readonly #byRequest = new Map<string, RewardTask>();

  constructor(limits: TaskStoreLimits = {}) {
    this.#tasks = new LruCache<RewardTask>({
      entries: limits.tasks ?? DEFAULT_TASKS,
      weight: limits.bytes ?? DEFAULT_TASK_BYTES,
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

  put(task: RewardTask): Promise<RewardTask> {
    if (task.requestId !== '') this.#byRequest.set(requestKey(task.tenant, task.requestId), task);
    this.#tasks.set(task.handle, task);
    return Promise.resolve(task);
  }
}

function requestKey(tenant: string, requestId: string): string {
  return JSON.stringify([tenant, requestId]);
}
