import { experimental } from '@grpc/grpc-js';
import { parseAddress } from './address.js';

/** Scheme of targets that list addresses, separated by commas. */
const scheme = 'flow-list';

interface Target {
  readonly path: string;
}

/**
 * Resolves a fixed list of addresses, sockets and hosts alike, which none of
 * grpc-js's own resolvers does. Host names are looked up on each connection.
 */
class ListResolver implements experimental.Resolver {
  readonly #endpoints: { addresses: ReturnType<typeof parseAddress>[] }[];
  readonly #listener: experimental.ResolverListener;
  #resolved = false;

  constructor(target: Target, listener: experimental.ResolverListener) {
    this.#listener = listener;
    this.#endpoints = target.path.split(',').map((address) => ({ addresses: [parseAddress(address)] }));
  }

  updateResolution(): void {
    if (this.#resolved) return;
    this.#resolved = true;
    process.nextTick(() => this.#listener({ ok: true, value: this.#endpoints }, {}, null, ''));
  }

  destroy(): void {
    this.#resolved = false;
  }

  static getDefaultAuthority(target: Target): string {
    const first = parseAddress(target.path.split(',')[0] ?? '');
    return 'path' in first ? 'localhost' : first.host;
  }
}

let registered = false;

/**
 * Makes the target of a channel that spreads its calls over all `addresses`.
 *
 * @throws FlowError INVALID_ARGUMENT for a malformed address
 */
export function listTarget(addresses: readonly string[]): string {
  for (const address of addresses) parseAddress(address);
  if (!registered) experimental.registerResolver(scheme, ListResolver);
  registered = true;
  return `${scheme}:${addresses.join(',')}`;
}
