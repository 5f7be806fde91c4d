import { createHash } from 'node:crypto';
import type { KeyServiceClient } from '@flowreasoner/contracts/metaagent';
import { FlowError, unary } from '@flowreasoner/rpc';
import type { Clock } from '../ports.js';

/** Whose request it is. */
export interface Caller {
  /** Tenant that the key belongs to. */
  readonly tenant: string;
  /** Name of the key, such as `keys/0a1b2c3d4e5f6071`. */
  readonly key: string;
}

/** What a {@link KeyVerifier} needs. */
export interface KeyVerifierOptions {
  readonly keys: KeyServiceClient;
  readonly clock: Clock;
  /** How long an answer is believed, in milliseconds: a revoked key works for so long. */
  readonly cacheMs: number;
}

interface Entry {
  readonly caller: Promise<Caller>;
  /** When it is asked for again. */
  until: number;
}

const maxEntries = 10_000;
const verifyMs = 5_000;
/** No key is longer; what is longer need not be asked about. */
const maxKeyLength = 200;

/** Asks the key service whose keys callers show, and remembers its answers for a short time. */
export class KeyVerifier {
  readonly #options: KeyVerifierOptions;
  /** By digest, so that no key stays in memory. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: KeyVerifierOptions) {
    this.#options = options;
  }

  /**
   * Whose request it is.
   *
   * @param authorization the header of that name
   * @throws FlowError UNAUTHENTICATED `KEY_MISSING`, `KEY_UNKNOWN`, `KEY_REVOKED` or `KEY_EXPIRED`;
   *   UNAVAILABLE when the key service can't be asked
   */
  verify(authorization: string | undefined): Promise<Caller> {
    const secret = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (secret === undefined) {
      return Promise.reject(
        new FlowError('UNAUTHENTICATED', 'KEY_MISSING', 'There is no API key.', {
          hint: 'Send it as "Authorization: Bearer KEY".',
        }),
      );
    }
    if (secret.length > maxKeyLength || !/^[\x21-\x7e]+$/.test(secret)) {
      return Promise.reject(new FlowError('UNAUTHENTICATED', 'KEY_UNKNOWN', 'The API key is not known.'));
    }
    const digest = createHash('sha256').update(secret).digest('base64');
    const now = this.#options.clock.now();
    const known = this.#entries.get(digest);
    if (known !== undefined && known.until > now) return known.caller;
    return this.#remember(digest, secret, now);
  }

  #remember(digest: string, secret: string, now: number): Promise<Caller> {
    const entry: Entry = {
      caller: this.#ask(secret, (expireTime) => {
        entry.until = Math.min(entry.until, expireTime.getTime());
      }),
      until: now + this.#options.cacheMs,
    };
    this.#entries.delete(digest);
    this.#entries.set(digest, entry);
    // A map gives its oldest entry first.
    const oldest = this.#entries.size > maxEntries ? this.#entries.keys().next().value : undefined;
    if (oldest !== undefined) this.#entries.delete(oldest);
    entry.caller.catch((error: unknown) => {
      // That a key is not valid is an answer; that nobody could be asked is none.
      const isAnswer = error instanceof FlowError && error.code === 'UNAUTHENTICATED';
      if (!isAnswer && this.#entries.get(digest) === entry) this.#entries.delete(digest);
    });
    return entry.caller;
  }

  async #ask(secret: string, onExpiry: (expireTime: Date) => void): Promise<Caller> {
    const { key } = await unary(this.#options.keys, 'verifyKey', { secret }, { deadlineMs: verifyMs });
    if (key === undefined) throw new FlowError('INTERNAL', 'KEY_ABSENT', 'The key service told no key.');
    if (key.expireTime !== undefined) onExpiry(key.expireTime);
    return { tenant: key.tenant, key: key.name };
  }
}
