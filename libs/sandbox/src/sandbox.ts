import type { Backend } from '@flowreasoner/contracts/sandbox';
import { FlowError, type Service } from '@flowreasoner/rpc';
import { Admission } from './admission.js';
import { inspectHost } from './adapters/jail/host-probe.js';
import { JailBackend } from './adapters/jail/jail-backend.js';
import { killOrphans } from './adapters/jail/orphans.js';
import { probeBackend } from './backend-probe.js';
import { Backends, fixedPlace } from './backends.js';
import { sandboxService } from './handlers/sandbox-service.js';
import type { MonotonicClock, ProgramLimits } from './ports.js';

/** How the sandbox is set up. */
export interface SandboxOptions {
  readonly slots: number;
  readonly maxQueued: number;
  readonly maxLimits: ProgramLimits;
  readonly nodePath?: string | undefined;
  /** Ends probing early when it aborts. */
  readonly signal: AbortSignal;
  /** Default: the process's monotonic clock. */
  readonly clock?: MonotonicClock;
}

/** The sandbox, probed and ready to serve. */
export interface Sandbox {
  readonly service: Service;
  readonly backends: Backends;
}

/**
 * Looks at the machine, tries every boundary and limit, and makes the service.
 *
 * @throws FlowError FAILED_PRECONDITION where no backend can run programs safely; its hint mends it
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const clock = options.clock ?? performance;
  killOrphans();
  const { host, checks } = await inspectHost({ nodePath: options.nodePath });
  if (host === undefined) {
    const missing = checks.filter(({ ok, required }) => required && !ok);
    const first = missing[0];
    const details = missing.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
    throw new FlowError(
      'FAILED_PRECONDITION',
      'SANDBOX_UNAVAILABLE',
      `programs can't be isolated here: ${details}`,
      {
        ...(first === undefined ? {} : { hint: first.mend }),
      },
    );
  }
  const backend = new JailBackend(host, clock);
  const probed = await probeBackend(backend, options.signal);
  refuseUnsafe(probed);
  const { slots, maxQueued, maxLimits } = options;
  const backends = new Backends([fixedPlace(backend, probed)]);
  const admission = new Admission({ slots, maxQueued, clock });
  return { service: sandboxService({ backends, admission, maxLimits, clock }), backends };
}

function refuseUnsafe(probed: Backend): void {
  if (probed.available) return;
  throw new FlowError(
    'FAILED_PRECONDITION',
    'SANDBOX_UNSAFE',
    `the ${probed.name} backend: ${probed.reason}`,
    {
      hint: 'flow doctor shows what is missing',
    },
  );
}
