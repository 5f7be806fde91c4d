import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import { SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import { createClient, waitForReady, type ClientOptions } from '@flowreasoner/rpc';
import { startApp, type AppProcess } from '@flowreasoner/testing';

/** A sandbox service that is ready, and a client of it. */
export interface RunningSandbox {
  readonly app: AppProcess;
  readonly client: SandboxServiceClient;
}

/** What a test's client can be given. */
export type SandboxClientOptions = Omit<ClientOptions, 'address' | 'maxMessageBytes'>;

/**
 * Gives what starts sandbox services with further variables; each ends with its test. Their logs are kept.
 */
export function sandboxes(): (
  env?: Record<string, string>,
  options?: SandboxClientOptions,
) => Promise<RunningSandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'flow-sandbox-'));
  const started: RunningSandbox[] = [];
  let sockets = 0;
  afterEach(async () => {
    for (const { app, client } of started.splice(0)) {
      client.close();
      await app.kill();
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return async (env = {}, options = {}) => {
    const address = `unix:${folder}/${(sockets += 1)}.sock`;
    const app = startApp('sandbox', {
      env: { FLOW_LOG_LEVEL: 'info', FLOW_SANDBOX_ADDRESS: address, ...env },
      keepLogs: true,
    });
    const client = createClient(SandboxServiceClient, {
      ...{ address, maxMessageBytes: 32 * 1024 * 1024 },
      ...options,
    });
    started.push({ app, client });
    await waitForReady(client, 30_000);
    return { app, client };
  };
}

/** A program that can be found from outside while it runs. */
export function sleeper(mark: string): string {
  return `import os\nos.execv("/usr/bin/python3", ["python3", "-c", "import time; time.sleep(30)", "${mark}"])`;
}

/** Waits until a condition holds, or the time is over; how long that took, milliseconds. */
export async function until(condition: () => boolean, timeoutMs: number): Promise<number> {
  const begun = performance.now();
  while (!condition() && performance.now() - begun < timeoutMs) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return performance.now() - begun;
}
