import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { FlowError } from '@flowreasoner/rpc';
import { createModelApp } from './http/app.js';
import { WorkerPool } from './pool/worker-pool.js';
import type { Log, Schedule, SpawnWorker } from './ports.js';

/** What a running server needs. */
export interface ModelServerOptions {
  readonly spawn: SpawnWorker;
  readonly schedule: Schedule;
  readonly now: () => number;
  readonly log: Log;
  /** The model's id for clients. */
  readonly model: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly workers: number;
  readonly maxWaiting: number;
  readonly apiKey: string | undefined;
}

/** A server that listens. */
export interface ModelServer {
  /** Base URL for OpenAI clients, ending in `/v1`. */
  readonly url: string;
  /** Ends the workers and every connection. */
  close(): void;
}

/** A client that takes longer to send its request is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Starts the workers, then listens.
 *
 * @throws FlowError UNAVAILABLE `MODEL_WORKER_FAILED` or `ADDRESS_UNAVAILABLE`
 */
export async function runModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const pool = new WorkerPool(options);
  const app = createModelApp({ ...options, pool });
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { requestTimeout: REQUEST_TIMEOUT_MS },
  });
  try {
    server.listen(options.port, options.host);
    await once(server, 'listening').catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new FlowError('UNAVAILABLE', 'ADDRESS_UNAVAILABLE', `Can't listen on ${options.host}: ${why}`, {
        cause,
      });
    });
    await pool.start();
  } catch (error) {
    pool.close();
    server.close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}/v1`,
    close: () => {
      pool.close();
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
    },
  };
}
