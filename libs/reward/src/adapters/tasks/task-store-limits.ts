/** Bounds of a store of tasks, beyond which it forgets those used longest ago. */
export interface TaskStoreLimits {
  /** Greatest number of tasks. Default 20,000. */
  readonly tasks?: number;
  /** Greatest size of all tests together, in bytes. Default 256 MiB. */
  readonly bytes?: number;
}

/** Default of {@link TaskStoreLimits.tasks}. */
export const DEFAULT_TASKS = 20_000;
/** Default of {@link TaskStoreLimits.bytes}. */
export const DEFAULT_TASK_BYTES = 256 * 1024 * 1024;
