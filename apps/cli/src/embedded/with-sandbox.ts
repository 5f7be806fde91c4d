import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import { createClient, waitForReady } from '@flowreasoner/rpc';
import type { ExitCode } from '../exit-codes.js';
import { listenForInterrupts } from '../signals.js';
import { showStarting } from '../output/show-starting.js';
import { SANDBOX_READY_MS, startSandbox } from './sandbox-process.js';

/** Calls of a sandbox service; `signal` aborts when the user interrupts. */
export type SandboxUse = (client: SandboxServiceClient, signal: AbortSignal) => Promise<ExitCode>;

/**
 * Starts a sandbox service for one command, and ends it with the command.
 *
 * @param backend backend that the command asks for
 */
export async function withSandbox(backend: string | undefined, use: SandboxUse): Promise<ExitCode> {
  const interrupts = listenForInterrupts();
  const folder = await mkdtemp(join(tmpdir(), 'flow-sandbox-'));
  const address = `unix:${join(folder, 'sandbox.sock')}`;
  // What goes wrong is said by the command; the service's log would say it twice.
  const sandbox = startSandbox(address, { logLevel: 'silent', docker: backend === 'docker' });
  const client = createClient(SandboxServiceClient, { address });
  try {
    await showStarting('starting the sandbox', () =>
      Promise.race([waitForReady(client, SANDBOX_READY_MS), sandbox.failed]),
    );
    return await Promise.race([use(client, interrupts.signal), sandbox.failed]);
  } catch (error) {
    const code = interrupts.exitCode();
    if (code !== undefined) return code;
    throw error;
  } finally {
    client.close();
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
    interrupts.dispose();
  }
}
