import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExecuteRequest } from '@flowreasoner/contracts/sandbox';
import { unary } from '@flowreasoner/rpc';
import { SANDBOX_IMAGE, TestDaemon } from '@flowreasoner/testing';
import { processesWith, residentBytes, temporaryFiles } from './testing/processes.js';
import { sandboxes, sleeper, until, type RunningSandbox } from './testing/running-sandbox.js';
import { soak } from './testing/soak.js';

const FULL = process.env['FLOW_FULL'] === '1';
const EXECUTIONS = FULL ? 10_000 : 60;
const WARM_AFTER = EXECUTIONS / 10;
const WARM_CONTAINERS = 2;
const CALLERS = 4;
const GONE_WITHIN_MS = 2000;

const GROUP = `flow-docker-soak-${process.pid}`;

const start = sandboxes();
let daemon: TestDaemon;
beforeAll(async () => {
  daemon = await TestDaemon.start('--cgroup-parent', `/${GROUP}`);
});
afterAll(async () => {
  await daemon.close();
  spawnSync('find', ['/sys/fs/cgroup', '-depth', '-type', 'd', '-name', GROUP, '-exec', 'rmdir', '{}', ';']);
});

function startOnDocker(): Promise<RunningSandbox> {
  return start({
    FLOW_LOG_LEVEL: 'error',
    FLOW_SANDBOX_DEFAULT_BACKEND: 'docker',
    FLOW_SANDBOX_DOCKER_IMAGE: SANDBOX_IMAGE,
    FLOW_SANDBOX_DOCKER_SOCKET_PATH: daemon.socketPath,
    FLOW_SANDBOX_DOCKER_WARM: String(WARM_CONTAINERS),
    FLOW_SANDBOX_SLOTS: String(CALLERS),
  });
}

/** Control groups below the one that the daemon is given. */
function groupsBelow(parent: string): string[] {
  const found = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-path', `*/${parent}/*`]);
  return found.stdout.toString().split('\n').filter(Boolean);
}

/** What the daemon's containers are made of. */
function traces(): { groups: string[]; mounts: string[]; shims: number[] } {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('overlay ') && line.includes(daemon.folder));
  return { groups: groupsBelow(GROUP), mounts, shims: shims() };
}

/** Each container has one process beside it while it is there. */
const shims = (): number[] => processesWith(` -address ${daemon.folder}`);
const containers = async (): Promise<number> => (await daemon.api.listContainers({ all: true })).length;

describe('the docker backend under load', () => {
  it(`leaves nothing after ${EXECUTIONS} executions, and the service's memory stays as it was`, async () => {
    const filesBefore = temporaryFiles();
    const { app, client } = await startOnDocker();
    const service = app.child.pid ?? 0;
    // The check itself must be able to find them.
    for (const found of Object.values(traces())) expect(found.length).toBeGreaterThanOrEqual(WARM_CONTAINERS);
    let warmBytes = 0;
    const isolation = await soak(client, {
      ...{ executions: EXECUTIONS, callers: CALLERS },
      onEnded: (ended) => {
        if (ended === WARM_AFTER) warmBytes = residentBytes(service);
      },
    });
    expect(isolation).toMatch(/^container /);
    const lastBytes = residentBytes(service);
    client.close();
    expect(await app.stop()).toBe(0);
    expect(await containers()).toBe(0);
    await until(() => traces().shims.length === 0, GONE_WITHIN_MS);
    expect(traces()).toEqual({ groups: [], mounts: [], shims: [] });
    expect(temporaryFiles()).toEqual(filesBefore);
    // A short run still grows into its heap.
    if (FULL) expect(Math.abs(lastBytes / warmBytes - 1)).toBeLessThan(0.1);
  }, 7_200_000);

  it('takes its programs with it when it is killed, and their containers when it is started again', async () => {
    const { app, client } = await startOnDocker();
    const mark = `docker-orphan-${process.pid}`;
    const call = unary(
      client,
      'execute',
      ExecuteRequest.fromPartial({ execution: { source: Buffer.from(sleeper(mark)) } }),
    );
    call.catch(() => undefined);
    await until(() => processesWith(mark).length > 0, 20_000);
    expect(processesWith(mark)).not.toEqual([]);
    await app.kill();
    await expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await until(() => processesWith(mark).length === 0, GONE_WITHIN_MS);
    expect(processesWith(mark)).toEqual([]);
    const again = await startOnDocker();
    // One may be on its way in for each that the probes have used.
    await until(() => shims().length <= WARM_CONTAINERS, 10_000);
    expect(await containers()).toBeLessThanOrEqual(WARM_CONTAINERS);
    expect(await again.app.stop()).toBe(0);
    expect(await containers()).toBe(0);
  });
});
