import { Client, type Pool } from 'pg';

const channel = 'flow_run_cancel';
const reconnectMs = 1_000;

/**
 * Carries wishes to cancel from one process to all others, by NOTIFY. A wish
 * that is missed while the connection is down is found by the owner's next look
 * at its runs.
 */
export class CancelSignals {
  readonly #pool: Pool;
  readonly #url: string;
  readonly #onError: ((error: Error) => void) | undefined;
  readonly #listeners = new Set<(runId: string) => void>();
  #client: Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(pool: Pool, url: string, onError: ((error: Error) => void) | undefined) {
    this.#pool = pool;
    this.#url = url;
    this.#onError = onError;
  }

  /** Tells every process of the wish to cancel a run. */
  async send(runId: string): Promise<void> {
    await this.#pool.query('select pg_notify($1, $2)', [channel, runId]);
  }

  /** Calls the listener for each wish; the returned function ends that. */
  subscribe(listener: (runId: string) => void): () => void {
    this.#listeners.add(listener);
    if (this.#client === undefined && this.#retry === undefined) this.#connect();
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#client?.end().catch(() => undefined);
  }

  #connect(): void {
    this.#retry = undefined;
    const client = new Client({ connectionString: this.#url, keepAlive: true });
    this.#client = client;
    client.on('notification', ({ payload }) => {
      for (const listener of this.#listeners) listener(payload ?? '');
    });
    const lost = (error?: Error): void => {
      if (this.#client !== client || this.#closed) return;
      this.#client = undefined;
      if (error !== undefined) this.#onError?.(error);
      client.end().catch(() => undefined);
      this.#retry = setTimeout(() => this.#connect(), reconnectMs).unref();
    };
    client.on('error', lost);
    client.on('end', () => lost());
    client
      .connect()
      .then(() => client.query(`listen ${channel}`))
      .catch(lost);
  }
}
