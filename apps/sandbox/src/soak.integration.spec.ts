import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import { createClient, unary, waitForReady } from '@flowreasoner/rpc';
import { startApp, type AppProcess } from '@flowreasoner/testing';
import {
  descendants,
  isRunning,
  mounts,
  nameOf,
  processesWith,
  residentBytes,
  temporaryFiles,
} from './testing/processes.js';
import { until } from './testing/running-sandbox.js';
import { HOSTILE, request, soak } from './testing/soak.js';

const FULL = process.env['FLOW_FULL'] === '1';
const EXECUTIONS = FULL ? 10_000 : 300;
const KILLS = FULL ? 60 : 8;
/** The service has made all its interpreters and compiled its hot code by then. */
const WARM_AFTER = EXECUTIONS / 10;
const CALLERS = 4;
const GONE_WITHIN_MS = 2000;

const folder = mkdtempSync(join(tmpdir(), 'flow-soak-'));
const apps: AppProcess[] = [];
let sockets = 0;

afterEach(async () => {
  for (const app of apps.splice(0)) await app.kill();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a service that need not be ready. */
function launch(env: Record<string, string> = {}): { app: AppProcess; client: SandboxServiceClient } {
  const address = `unix:${folder}/${(sockets += 1)}.sock`;
  const app = startApp('sandbox', {
    env: { FLOW_SANDBOX_ADDRESS: address, FLOW_LOG_LEVEL: 'error', ...env },
  });
  apps.push(app);
  return { app, client: createClient(SandboxServiceClient, { address }) };
}

describe('the sandbox service under load', () => {
  it(`leaves nothing after ${EXECUTIONS} executions, and its memory stays as it was`, async () => {
    const [mountsBefore, filesBefore] = [mounts(), temporaryFiles()];
    const { app, client } = launch();
    await waitForReady(client, 30_000);
    const service = app.child.pid ?? 0;
    let warmBytes = 0;
    const isolation = await soak(client, {
      ...{ executions: EXECUTIONS, callers: CALLERS },
      onEnded: (ended) => {
        if (ended === WARM_AFTER) warmBytes = residentBytes(service);
      },
    });
    const lastBytes = residentBytes(service);
    // Between programs there are interpreters and nothing else.
    const busy = (): string[] =>
      descendants(service)
        .map(nameOf)
        .filter((name) => !/^(bwrap|python3)$/.test(name));
    await until(() => busy().length === 0, GONE_WITHIN_MS);
    expect(busy()).toEqual([]);
    expect(temporaryFiles()).toEqual(filesBefore);
    const family = descendants(service);
    if (isolation.includes('cgroup')) expect(controlGroups(service)).not.toEqual([]);
    client.close();
    expect(await app.stop()).toBe(0);
    await until(() => family.every((pid) => !isRunning(pid)), GONE_WITHIN_MS);
    expect(family.filter(isRunning)).toEqual([]);
    expect(controlGroups(service)).toEqual([]);
    expect(mounts()).toEqual(mountsBefore);
    // A short run still grows into its heap.
    if (FULL) expect(Math.abs(lastBytes / warmBytes - 1)).toBeLessThan(0.1);
  }, 600_000);

  it(`takes everything with it, killed at any of ${KILLS} moments`, async () => {
    for (let moment = 0; moment < KILLS; moment += 1) {
      const { app, client } = launch({ FLOW_SANDBOX_HOT: String(moment % 2 === 0) });
      const service = app.child.pid ?? 0;
      // Half of them while it starts, from before its first jail is made; the others while programs run.
      const running = moment >= KILLS / 2;
      const delayMs = (moment % (KILLS / 2)) * ((running ? 400 : 1200) / KILLS);
      const calls: Promise<unknown>[] = [];
      if (running) {
        await waitForReady(client, 30_000);
        for (const source of ['while True: pass', 'import time; time.sleep(60)', HOSTILE[3] ?? '']) {
          calls.push(unary(client, 'execute', request(source)).catch(() => undefined));
        }
      }
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      const family = descendants(service);
      await app.kill();
      client.close();
      const left = (): number[] => [
        ...family.filter(isRunning),
        ...processesWith(`FLOW_SANDBOX_OWNER_${service} `),
      ];
      await until(() => left().length === 0, GONE_WITHIN_MS);
      expect({ running, delayMs, left: left().map(nameOf) }).toEqual({ running, delayMs, left: [] });
      await Promise.all(calls);
    }
  }, 600_000);
});

function controlGroups(service: number): string[] {
  const found = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `*${service}-*`]);
  return found.stdout
    .toString()
    .split('\n')
    .filter((path) => path.includes('flowreasoner-sandbox'));
}
