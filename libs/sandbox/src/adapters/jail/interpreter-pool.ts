import type { MonotonicClock } from '../../ports.js';
import { InterpreterJail } from './interpreter-jail.js';
import type { JailHost } from './jail-host.js';

/** How many interpreters there are, and for how long. */
export interface InterpreterPoolOptions {
  /** At once, at most. */
  readonly size: number;
  /** Programs that one runs before a fresh one takes its place. */
  readonly executions: number;
}

/** So many interpreters that never got to work, one after another, and no more are tried for a while. */
const GIVE_UP_AFTER = 3;
const TRY_AGAIN_AFTER_MS = 30_000;

/** Interpreters that wait for programs, or are about to. */
export class InterpreterPool {
  /** Those that may be given programs. */
  readonly #jails = new Set<InterpreterJail>();
  /** Those of which anything is left. */
  readonly #all = new Set<InterpreterJail>();
  readonly #onExit = (): void => {
    for (const jail of this.#all) jail.endNow();
  };
  #started = 0;
  #failures = 0;
  #failedAt = 0;
  #closed = false;

  constructor(
    private readonly host: JailHost,
    private readonly clock: MonotonicClock,
    private readonly options: InterpreterPoolOptions,
  ) {
    process.once('exit', this.#onExit);
  }

  /** Whether programs can be run by pre-forked interpreters, as far as is known. */
  get works(): boolean {
    if (this.host.helperPath === undefined || this.#closed) return false;
    return this.#failures < GIVE_UP_AFTER || this.clock.now() - this.#failedAt > TRY_AGAIN_AFTER_MS;
  }

  /** An interpreter for a program; undefined when all are taken or none can be had. */
  take(): InterpreterJail | undefined {
    if (!this.works) return undefined;
    let soon: InterpreterJail | undefined;
    for (const jail of this.#jails) {
      if (!jail.free) continue;
      if (jail.waits) return this.#use(jail);
      soon ??= jail;
    }
    const fresh = this.#jails.size < this.options.size ? this.#start() : undefined;
    const jail = soon ?? fresh;
    return jail === undefined ? undefined : this.#use(jail);
  }

  /** Starts interpreters ahead of the first programs. */
  warm(count: number): void {
    while (this.works && this.#jails.size < Math.min(count, this.options.size)) this.#start();
  }

  /** Ends all interpreters, running programs included; settles once nothing of them is left. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map((jail) => jail.close()));
    process.off('exit', this.#onExit);
  }

  /** The one that was used last comes last: another may be ready by then. */
  #use(jail: InterpreterJail): InterpreterJail {
    this.#jails.delete(jail);
    this.#jails.add(jail);
    return jail;
  }

  #start(): InterpreterJail {
    this.#started += 1;
    // Not all of them are to be replaced at the same time.
    const most =
      this.options.executions - ((this.#started * 7) % 8) * Math.floor(this.options.executions / 16);
    const jail: InterpreterJail = new InterpreterJail(this.host, {
      onFree: () => {
        if (jail.free && jail.executions >= most) this.#replace(jail);
      },
      onGone: (worked) => {
        this.#jails.delete(jail);
        this.#failures = worked ? 0 : this.#failures + 1;
        this.#failedAt = this.clock.now();
      },
    });
    this.#jails.add(jail);
    this.#all.add(jail);
    void jail.gone.then(() => this.#all.delete(jail));
    return jail;
  }

  #replace(jail: InterpreterJail): void {
    this.#jails.delete(jail);
    jail.retire();
    if (this.works) this.#start();
  }
}
