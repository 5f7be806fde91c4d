import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { SandboxServiceClient, SandboxServiceService } from '@flowreasoner/contracts/sandbox';
import { WorkflowServiceClient, WorkflowServiceService } from '@flowreasoner/contracts/workflow';
import { createClient } from './client.js';
import type { ClientOptions } from './client.js';
import { startServer } from './server.js';
import type { RunningServer, ServerOptions } from './server.js';
import { service } from './service.js';
import type { Handlers } from './service.js';

/** Undoes what a test has started, last first. */
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Runs `cleanup` after the test. */
export function afterTest(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rpc-'));
  afterTest(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A socket's address in a folder of its own. */
export function socketAddress(): string {
  return `unix:${join(temporaryFolder(), 's.sock')}`;
}

/** Handlers of the two services that tests call. */
export interface TestHandlers {
  readonly sandbox?: Partial<Handlers<typeof SandboxServiceService>>;
  readonly workflow?: Partial<Handlers<typeof WorkflowServiceService>>;
}

/** Starts a real server with the given handlers, on a unix socket unless told otherwise. */
export async function start(
  { sandbox, workflow }: TestHandlers,
  options: Partial<ServerOptions> = {},
): Promise<RunningServer> {
  const server = await startServer({
    address: options.address ?? socketAddress(),
    services: [
      ...(sandbox === undefined ? [] : [service(SandboxServiceService, sandbox)]),
      ...(workflow === undefined ? [] : [service(WorkflowServiceService, workflow)]),
    ],
    ...options,
  });
  afterTest(() => server.drain(0));
  return server;
}

/** A client of the sandbox service, closed after the test. */
export function sandboxClient(options: ClientOptions): SandboxServiceClient {
  const client = createClient(SandboxServiceClient, options);
  afterTest(() => client.close());
  return client;
}

/** A client of the workflow service, closed after the test. */
export function workflowClient(options: ClientOptions): WorkflowServiceClient {
  const client = createClient(WorkflowServiceClient, options);
  afterTest(() => client.close());
  return client;
}

/** What a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

/** Takes everything from an iterable. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) taken.push(item);
  return taken;
}

/** Resolves when a signal aborts, with its reason. */
export function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });
}
