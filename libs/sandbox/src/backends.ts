import type { Backend } from '@flowreasoner/contracts/sandbox';
import { FlowError } from '@flowreasoner/rpc';
import type { SandboxBackend } from './ports.js';

/** A backend that this server knows by name, and how it stands with it now. */
export interface BackendEntry {
  readonly name: string;
  /** What runs programs; undefined while it can't. */
  readonly backend: SandboxBackend | undefined;
  /** What probing found, and why it is not available. */
  readonly report: Backend;
}

/** A place that a backend has in the server, whatever becomes of it while the server runs. */
export interface BackendPlace {
  readonly name: string;
  current(): BackendEntry;
}

/** The backends of one server, the default one first. */
export class Backends {
  /** @param places at least one; the first is the default */
  constructor(private readonly places: readonly [BackendPlace, ...BackendPlace[]]) {}

  /**
   * The backend that a request names; the default one for an empty name.
   *
   * @throws FlowError INVALID_ARGUMENT for a name that is not known, UNAVAILABLE
   *   for one that can't run programs now
   */
  choose(name: string): SandboxBackend {
    const place = name === '' ? this.places[0] : this.places.find((one) => one.name === name);
    if (place === undefined) {
      const description = `there is no backend ${JSON.stringify(name.slice(0, 40))}; ${this.#there()}`;
      throw new FlowError('INVALID_ARGUMENT', 'BACKEND_UNKNOWN', description, {
        fieldViolations: [{ field: 'backend', description }],
      });
    }
    const { backend, report } = place.current();
    if (backend !== undefined && report.available) return backend;
    const message = `the ${place.name} backend can't run programs now: ${report.reason}`;
    throw new FlowError('UNAVAILABLE', 'BACKEND_UNAVAILABLE', message, {
      metadata: { backend: place.name },
      hint: this.#there(),
    });
  }

  /** What is known of each backend now, the default one first. */
  reports(): Backend[] {
    return this.places.map((place) => place.current().report);
  }

  #there(): string {
    const names = this.reports().flatMap(({ name, available }) => (available ? [name] : []));
    return names.length === 0 ? 'none is available' : `available: ${names.join(', ')}`;
  }
}

/** A place that has no backend, and why. */
export function absentPlace(name: string, reason: string): BackendPlace {
  const entry = { name, backend: undefined, report: unavailableReport(name, reason) };
  return { name, current: () => entry };
}

/** The report of a backend that can't run programs. */
export function unavailableReport(name: string, reason: string): Backend {
  return { name, available: false, reason, capabilities: [], languages: [], probes: [] };
}

/** A place whose backend stays as it was found when the server started. */
export function fixedPlace(backend: SandboxBackend, report: Backend): BackendPlace {
  const entry = { name: backend.name, backend, report };
  return { name: backend.name, current: () => entry };
}
