import { lookup } from 'node:dns/promises';
import { experimental, Metadata, status } from '@grpc/grpc-js';
import { parseAddress } from './address.js';

/** Scheme of targets whose name is looked up again and again. */
const scheme = 'flow-dns';

/** Time between two looks at a name, in milliseconds. */
const everyMs = 30_000;
/** Least time between two looks, whoever wants one. */
const leastMs = 1_000;

/** What looking at a name needs; tests bring their own. */
export interface NameResolverPorts {
  /** All IP addresses of a host. */
  readonly lookup: (host: string) => Promise<readonly string[]>;
  /** Calls `action` once, `ms` from now; the function it returns cancels that. */
  readonly after: (ms: number, action: () => void) => () => void;
}

const systemPorts: NameResolverPorts = {
  lookup: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    // A process may end between two looks, and not before the first, for which a call waits.
    if (ms > 0) timer.unref();
    return () => clearTimeout(timer);
  },
};

interface Target {
  readonly path: string;
}

type ResolverConstructor = Parameters<typeof experimental.registerResolver>[1];

/**
 * Makes the resolver of a name's addresses. Unlike grpc-js's own it looks again
 * while all connections stand, so that calls reach replicas that were added.
 */
export function createNameResolver(ports: NameResolverPorts): ResolverConstructor {
  return class NameResolver implements experimental.Resolver {
    readonly #host: string;
    readonly #port: number;
    readonly #listener: experimental.ResolverListener;
    #known = '';
    #cancel: (() => void) | undefined;
    #looking = false;
    #isRecent = false;
    #isOpen = false;

    constructor(target: Target, listener: experimental.ResolverListener) {
      const address = parseAddress(target.path);
      if ('path' in address) throw new Error(`${target.path} is no name`);
      [this.#host, this.#port, this.#listener] = [address.host, address.port, listener];
    }

    updateResolution(): void {
      this.#isOpen = true;
      if (!this.#looking && !this.#isRecent) this.#lookIn(0);
    }

    destroy(): void {
      this.#isOpen = false;
      this.#known = '';
      this.#cancel?.();
      this.#isRecent = false;
    }

    static getDefaultAuthority(target: Target): string {
      return target.path;
    }

    #lookIn(ms: number): void {
      this.#cancel?.();
      this.#cancel = ports.after(ms, () => void this.#look());
    }

    async #look(): Promise<void> {
      this.#looking = true;
      let found: readonly string[] = [];
      let problem = 'it has no address';
      try {
        found = await ports.lookup(this.#host);
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
      }
      this.#looking = false;
      if (!this.#isOpen) return;
      this.#tell(found, problem);
      this.#isRecent = true;
      this.#cancel = ports.after(leastMs, () => {
        this.#isRecent = false;
        this.#lookIn(everyMs - leastMs);
      });
    }

    /** Tells what has changed. What was known holds on when a look fails. */
    #tell(found: readonly string[], problem: string): void {
      if (found.length === 0) {
        if (this.#known !== '') return;
        const details = `the name ${this.#host} can't be resolved: ${problem}`;
        const error = { code: status.UNAVAILABLE, details, metadata: new Metadata() };
        this.#listener({ ok: false, error }, {}, null, '');
        return;
      }
      const known = [...found].sort().join(' ');
      if (known === this.#known) return;
      this.#known = known;
      const value = found.map((host) => ({ addresses: [{ host, port: this.#port }] }));
      this.#listener({ ok: true, value }, {}, null, '');
    }
  };
}

let registered = false;

/**
 * Makes the target of a channel that spreads its calls over all addresses that a
 * name has, as they come and go.
 *
 * @param address HOST:PORT
 * @throws FlowError INVALID_ARGUMENT for a malformed address
 */
export function nameTarget(address: string): string {
  parseAddress(address);
  if (!registered) experimental.registerResolver(scheme, createNameResolver(systemPorts));
  registered = true;
  return `${scheme}:${address}`;
}
