import type { Backend } from '@flowreasoner/contracts/sandbox';
import type { Service } from '@flowreasoner/rpc';
import { Admission } from './admission.js';
import { BlobStore } from './blobs/blob-store.js';
import type { Backends } from './backends.js';
import { sandboxService } from './handlers/sandbox-service.js';
import { openBackends, requireSafe, type BackendsOptions } from './open-backends.js';
import type { MonotonicClock, ProgramLimits } from './ports.js';

/** How the sandbox is set up. */
export interface SandboxOptions extends Omit<BackendsOptions, 'clock'> {
  readonly slots: number;
  readonly maxQueued: number;
  readonly maxLimits: ProgramLimits;
  /** Default: the process's monotonic clock. */
  readonly clock?: MonotonicClock;
}

/** The sandbox, probed and ready to serve. */
export interface Sandbox {
  readonly service: Service;
  readonly backends: Backends;
  /** Ends what waits for programs, once no call is left. */
  close(): Promise<void>;
}

/** Looks at the machine and tries every boundary and limit of its backends, safe or not. */
export async function probeSandbox(options: Omit<BackendsOptions, 'clock'>): Promise<Backend[]> {
  const { backends, close } = await openBackends({ ...options, clock: performance });
  const reports = backends.reports();
  await close();
  return reports;
}

/**
 * Looks at the machine, tries every boundary and limit of its backends, and makes the service.
 *
 * @throws FlowError FAILED_PRECONDITION where programs can't be run safely; its hint mends it
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const clock = options.clock ?? performance;
  const open = await openBackends({ ...options, clock });
  const { backends, close } = open;
  try {
    requireSafe(open);
  } catch (error) {
    await close();
    throw error;
  }
  const { slots, maxQueued, maxLimits } = options;
  const admission = new Admission({ slots, maxQueued, clock });
  return {
    service: sandboxService({ backends, admission, blobs: new BlobStore(clock), maxLimits, clock }),
    backends,
    close,
  };
}
