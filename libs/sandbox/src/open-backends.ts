import type { Backend } from '@flowreasoner/contracts/sandbox';
import { FlowError } from '@flowreasoner/rpc';
import { DockerPlace, type DockerOptions } from './adapters/docker/docker-place.js';
import { inspectHost, type HostCheck } from './adapters/jail/host-probe.js';
import { JailBackend } from './adapters/jail/jail-backend.js';
import { killOrphans } from './adapters/jail/orphans.js';
import { probeBackend } from './backend-probe.js';
import { absentPlace, Backends, fixedPlace, type BackendPlace } from './backends.js';
import type { MonotonicClock } from './ports.js';

/** Which backends a server has, and how. */
export interface BackendsOptions {
  /** The one that runs what names no other. */
  readonly defaultBackend: 'jail' | 'docker';
  readonly nodePath?: string | undefined;
  /** Whether the jail runs Python in pre-forked interpreters where they can be made; default true. */
  readonly hot?: boolean;
  /** Programs and gradings that run at once; a grading is two programs. */
  readonly slots: number;
  /** Undefined: there is no docker backend. */
  readonly docker: DockerOptions | undefined;
  readonly clock: MonotonicClock;
  /** Ends probing early when it aborts. */
  readonly signal: AbortSignal;
}

/** Backends that were probed, and what ends them. */
export interface OpenBackends {
  readonly backends: Backends;
  /** What mends the default backend when it is not available. */
  readonly hint: string;
  /** Ends what waits for programs. */
  close(): Promise<void>;
}

interface OpenPlace {
  readonly place: BackendPlace;
  /** What mends it when it is not available. */
  readonly hint?: string;
  close(): Promise<void>;
}

/**
 * Opens and probes the backends of this machine, safe or not.
 *
 * @throws the signal's reason when it aborts meanwhile: probes that were cut tell nothing
 */
export async function openBackends(options: BackendsOptions): Promise<OpenBackends> {
  const [jail, docker] = await Promise.all([openJail(options), openDocker(options)]);
  if (options.signal.aborted) await Promise.all([jail.close(), docker.close()]);
  options.signal.throwIfAborted();
  const [first, second] = options.defaultBackend === 'jail' ? [jail, docker] : [docker, jail];
  return {
    backends: new Backends([first.place, second.place]),
    hint: first.hint ?? 'flow doctor shows what is missing',
    close: async () => {
      await Promise.all([first.close(), second.close()]);
    },
  };
}

/**
 * Refuses to serve where the default backend is not available, or where a
 * program can get out of any of them.
 *
 * @throws FlowError FAILED_PRECONDITION; its hint mends it
 */
export function requireSafe({ backends, hint }: OpenBackends): void {
  const reports = backends.reports();
  const unsafe = reports.find(({ probes }) => probes.some(({ contained }) => !contained));
  if (unsafe !== undefined) {
    const message = `the ${unsafe.name} backend: ${unsafe.reason}`;
    throw new FlowError('FAILED_PRECONDITION', 'SANDBOX_UNSAFE', message, {
      hint: 'flow sandbox probe shows each attempt',
    });
  }
  const [first] = reports;
  if (first?.available === true) return;
  const message = `programs can't be isolated here, the ${first?.name} backend: ${first?.reason}`;
  throw new FlowError('FAILED_PRECONDITION', 'SANDBOX_UNAVAILABLE', message, { hint });
}

async function openJail({ nodePath, hot, slots, clock, signal }: BackendsOptions): Promise<OpenPlace> {
  killOrphans();
  const { host, checks } = await inspectHost({ nodePath });
  if (host === undefined) {
    const missing = checks.filter(({ ok, required }) => required && !ok);
    const hint = missing[0]?.mend ?? '';
    return { place: absentPlace('jail', whatIsMissing(missing)), hint, close: () => Promise.resolve() };
  }
  const backend = new JailBackend(host, clock, {
    hot: hot ?? true,
    interpreters: Math.max(4, 2 * slots),
  });
  const report = await probeBackend(backend, signal);
  return { place: fixedPlace(backend, report), close: () => backend.close() };
}

function whatIsMissing(missing: readonly HostCheck[]): string {
  return missing.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
}

async function openDocker({ docker, clock, signal }: BackendsOptions): Promise<OpenPlace> {
  const hint = 'FLOW_SANDBOX_DOCKER_IMAGE names an image, and the daemon must be running';
  if (docker === undefined) {
    return { place: absentPlace('docker', 'not set up'), hint, close: () => Promise.resolve() };
  }
  const probe = (backend: Parameters<typeof probeBackend>[0]): Promise<Backend> =>
    probeBackend(backend, signal);
  const place = await DockerPlace.open({ ...docker, clock, probe });
  return { place, hint, close: () => place.close() };
}
