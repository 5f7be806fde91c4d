import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExecutionStatus } from '@flowreasoner/contracts/sandbox';
import { TestDaemon } from '@flowreasoner/testing';
import { execute } from '../../execute.js';
import type { SandboxBackend } from '../../ports.js';
import { describeExecution } from '../../testing/describe-execution.js';
import { openDocker } from '../../testing/docker-place.js';
import { programOf, runIn } from '../../testing/jail-runs.js';
import { LABELS } from './container-options.js';
import type { DockerPlace } from './docker-place.js';

const { EXECUTION_STATUS_EXITED: EXITED, EXECUTION_STATUS_INFRA_ERROR: LOST } = ExecutionStatus;
const MIB = 1024 * 1024;

/** Stands for gVisor at the daemon: what it is told to run, the ordinary runtime runs. */
const GVISOR = { folder: mkdtempSync(join(tmpdir(), 'flow-runsc-')), program: '', calls: '' };
let daemon: TestDaemon;
let place: DockerPlace;
let docker: SandboxBackend;
beforeAll(async () => {
  GVISOR.program = join(GVISOR.folder, 'runsc');
  GVISOR.calls = join(GVISOR.folder, 'calls');
  writeFileSync(GVISOR.program, `#!/bin/sh\necho "$*" >> ${GVISOR.calls}\nexec runc "$@"\n`, { mode: 0o755 });
  daemon = await TestDaemon.start(`--add-runtime=runsc=${GVISOR.program}`);
  place = await openDocker(daemon, 2, 'runc');
  const { backend, report } = place.current();
  if (backend === undefined) throw new Error(report.reason);
  docker = backend;
});
afterAll(async () => {
  await place.close();
  await daemon.close();
  rmSync(GVISOR.folder, { recursive: true, force: true });
});

/** Containers of this process that the daemon knows, running or not. */
async function containers(): Promise<string[]> {
  const filters = { label: [`${LABELS.process}=${process.pid}`] };
  const listed = await daemon.api.listContainers({ all: true, filters });
  return listed.map(({ Id }) => Id);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('the docker backend', () => {
  it('contains every attempt to get out, and enforces every limit', () => {
    const { report } = place.current();
    expect(report).toMatchObject({ available: true, reason: '', languages: [1, 2] });
    expect(report.probes.length).toBeGreaterThanOrEqual(15);
    expect(report.probes.filter(({ contained }) => !contained)).toEqual([]);
    expect(report.capabilities.filter(({ enforced }) => !enforced)).toEqual([]);
  });

  it('makes containers that can do nothing but wait for a program', async () => {
    const [id = ''] = await containers();
    const { Config, HostConfig } = await daemon.api.getContainer(id).inspect();
    expect(HostConfig).toMatchObject({
      ...{
        NetworkMode: 'none',
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        IpcMode: 'private',
        Privileged: false,
      },
      ...{ Memory: 512 * MIB, MemorySwap: 512 * MIB, PidsLimit: 66, Runtime: 'runc' },
    });
    expect(HostConfig.SecurityOpt?.[0]).toBe('no-new-privileges:true');
    expect(HostConfig.SecurityOpt?.[1]).toContain('"keyctl"');
    expect(HostConfig.Tmpfs?.['/tmp']).toMatch(/size=67108864,nr_inodes=\d+/);
    expect(Number(Config.User.split(':')[0])).toBeGreaterThanOrEqual(2_000_000);
  });

  it('says what isolated a program', async () => {
    const { isolation, backend } = await runIn(docker, 'print(1)');
    expect(backend).toBe('docker');
    expect(isolation).toMatch(
      /^container \(runc\): own pid,mount,ipc,uts,net namespaces; seccomp; cgroup v[12]$/,
    );
  });

  describeExecution(() => docker, ['/sys']);

  it('leaves no container behind but those that wait', async () => {
    // Of all that ran, and whoever they belong to.
    const running = () => daemon.api.listContainers();
    await until(async () => (await containers()).length === 2 && (await running()).length === 2);
  });
});

describe('a daemon that has gVisor', () => {
  it('runs containers by it where no other runtime is wanted', async () => {
    const gvisor = await openDocker(daemon, 1);
    try {
      const { backend, report } = gvisor.current();
      expect(report).toMatchObject({ available: true, reason: '' });
      if (backend === undefined) throw new Error(report.reason);
      expect(readFileSync(GVISOR.calls, 'utf8')).toContain(' create ');
      const result = await runIn(backend, 'print(1)');
      expect(result).toMatchObject({
        status: EXITED,
        isolation: 'container (runsc): a kernel of its own by gVisor',
      });
    } finally {
      await gvisor.close();
    }
  });

  it('is not used by a runtime that it does not have', async () => {
    const kata = await openDocker(daemon, 1, 'kata');
    expect(kata.current().report).toMatchObject({
      available: false,
      reason: expect.stringContaining('the daemon has no runtime kata') as string,
    });
    await kata.close();
  });
});

describe('containers that were left behind', () => {
  it('go when a service starts on the same machine, and only they', async () => {
    const left = async (host: string, pid: string): Promise<string> => {
      const Labels = { [LABELS.host]: host, [LABELS.process]: pid };
      return (await daemon.api.createContainer({ Image: 'flowreasoner-sandbox', Cmd: ['true'], Labels })).id;
    };
    const dead = await left(hostname(), '4194305');
    const living = await left(hostname(), String(process.ppid));
    const elsewhere = await left('another-machine', '4194305');
    await place.close();
    place = await openDocker(daemon, 2, 'runc');
    const all = (await daemon.api.listContainers({ all: true })).map(({ Id }) => Id);
    expect(all).not.toContain(dead);
    expect(all).toEqual(expect.arrayContaining([living, elsewhere]));
  });
});

describe('a daemon that is killed', () => {
  it('ends programs with a clear word, and is used again once it is back', async () => {
    const { backend } = place.current();
    if (backend === undefined) throw new Error('no backend');
    let started: () => void = () => undefined;
    const printed = new Promise<void>((resolve) => (started = resolve));
    const running = execute({
      backend,
      program: programOf('import time\nprint("on", flush=True)\ntime.sleep(60)', {
        limits: { wallMs: 60_000 },
      }),
      ...{ stdin: new Uint8Array(), queueMs: 0, signal: new AbortController().signal },
      interactive: { onRunning: () => undefined, onOutput: () => started() },
    });
    await printed;
    await daemon.kill();
    expect(await running).toMatchObject({
      status: LOST,
      message: expect.stringMatching(/^the Docker daemon on .* (is gone|went away)$/) as string,
    });
    await until(() => !place.current().report.available);
    expect(place.current().report.reason).toMatch(/Docker daemon/);

    await daemon.resume();
    await until(() => place.current().report.available);
    const again = place.current().backend;
    if (again === undefined) throw new Error('no backend');
    const result = await runIn(again, 'print("back")');
    expect(result.stdout.toString()).toBe('back\n');
    // What the lost daemon had been running is gone with the rest.
    await until(async () => (await containers()).length === 2);
  });
});
