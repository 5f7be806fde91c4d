import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ExecuteRequest, ExecutionStatus, SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import { createClient, unary, waitForReady } from '@flowreasoner/rpc';
import { createSeededRandom, startApp, type AppProcess } from '@flowreasoner/testing';

const FULL = process.env['FLOW_FULL'] === '1';
const EXECUTIONS = FULL ? 10_000 : 300;
const KILLS = FULL ? 60 : 8;
/** The service has made all its interpreters and compiled its hot code by then. */
const WARM_AFTER = EXECUTIONS / 10;
const CALLERS = 4;
const GONE_WITHIN_MS = 2000;

const Status = {
  exited: ExecutionStatus.EXECUTION_STATUS_EXITED,
  wall: ExecutionStatus.EXECUTION_STATUS_WALL_TIMEOUT,
};

/** One of twenty executions is one of these; whatever becomes of it, it must leave nothing. */
const HOSTILE = [
  'import os\nwhile True:\n    try: os.fork()\n    except OSError: pass',
  'x = []\nwhile True: x.append(bytearray(1 << 20))',
  'import os\nwhile True: os.write(1, bytes(65536))',
  'import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(60)\n',
  'with open("big", "wb", 0) as file:\n    while True: file.write(bytes(65536))',
  'n = 0\nwhile True:\n    open(f"/tmp/{n}", "w").close()\n    n += 1',
  'import os, signal\nfor s in range(1, 65):\n    try: os.kill(-1, s)\n    except OSError: pass',
  'import os, signal\nos.kill(0, signal.SIGSTOP)',
  'import os\nfor n in range(3, 4096):\n    try: os.write(n, b"forged")\n    except OSError: pass\nos._exit(0)',
  'import threading, time\nfor _ in range(500): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()',
];

const folder = mkdtempSync(join(tmpdir(), 'flow-soak-'));
const apps: AppProcess[] = [];
let sockets = 0;

afterEach(async () => {
  for (const app of apps.splice(0)) await app.kill();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(env: Record<string, string> = {}): { app: AppProcess; client: SandboxServiceClient } {
  const address = `unix:${folder}/${(sockets += 1)}.sock`;
  const app = startApp('sandbox', {
    env: { FLOW_SANDBOX_ADDRESS: address, FLOW_LOG_LEVEL: 'error', ...env },
  });
  apps.push(app);
  return { app, client: createClient(SandboxServiceClient, { address }) };
}

function request(source: string, wallMs = 5000): ExecuteRequest {
  const limits = { wallMs, processes: 32, memoryBytes: 64n << 20n, outputBytes: 65_536 };
  return ExecuteRequest.fromPartial({ execution: { source: Buffer.from(source), limits } });
}

describe('the sandbox service under load', () => {
  it(`leaves nothing after ${EXECUTIONS} executions, and its memory stays as it was`, async () => {
    const mountsBefore = mounts();
    const { app, client } = start();
    await waitForReady(client, 30_000);
    const service = app.child.pid ?? 0;
    const random = createSeededRandom(7);
    let [begun, ended, warmBytes] = [0, 0, 0];
    let isolation = '';
    const one = async (): Promise<void> => {
      const number = (begun += 1);
      const draw = random();
      if (draw < 0.05) {
        await unary(client, 'execute', request(HOSTILE[number % HOSTILE.length] ?? '', 200));
      } else if (draw < 0.15) {
        const { result } = await unary(client, 'execute', request('while True: pass', 40));
        expect(result?.status).toBe(Status.wall);
      } else {
        const { result } = await unary(client, 'execute', request(`print(${number})`));
        expect(result).toMatchObject({ status: Status.exited, exitCode: 0 });
        expect(result?.stdout.toString()).toBe(`${number}\n`);
        isolation = result?.isolation ?? '';
      }
      ended += 1;
      if (ended === WARM_AFTER) warmBytes = residentBytes(service);
    };
    const caller = async (): Promise<void> => {
      while (begun < EXECUTIONS) await one();
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    const lastBytes = residentBytes(service);
    // Between programs there are interpreters and nothing else.
    const busy = (): string[] =>
      descendants(service)
        .map(nameOf)
        .filter((name) => !/^(bwrap|python3)$/.test(name));
    await until(() => busy().length === 0);
    expect(busy()).toEqual([]);
    expect(temporaryFiles()).toEqual([]);
    const family = descendants(service);
    if (isolation.includes('cgroup')) expect(controlGroups(service)).not.toEqual([]);
    client.close();
    expect(await app.stop()).toBe(0);
    await until(() => family.every((pid) => !isRunning(pid)));
    expect(family.filter(isRunning)).toEqual([]);
    expect(controlGroups(service)).toEqual([]);
    expect(mounts()).toBe(mountsBefore);
    // A short run still grows into its heap.
    if (FULL) expect(Math.abs(lastBytes / warmBytes - 1)).toBeLessThan(0.1);
  }, 600_000);

  it(`takes everything with it, killed at any of ${KILLS} moments`, async () => {
    for (let moment = 0; moment < KILLS; moment += 1) {
      const { app, client } = start({ FLOW_SANDBOX_HOT: String(moment % 2 === 0) });
      const service = app.child.pid ?? 0;
      // From before its first jail is made until well after programs run.
      const delayMs = (moment * 1600) / KILLS;
      const begun = performance.now();
      const calls: Promise<unknown>[] = [];
      waitForReady(client, 5000)
        .then(() => {
          const sources = ['while True: pass', 'import time; time.sleep(60)', HOSTILE[3] ?? ''];
          for (const source of sources) {
            const call = unary(client, 'execute', request(source));
            calls.push(call.catch(() => undefined));
          }
        })
        .catch(() => undefined);
      await until(() => performance.now() - begun >= delayMs, delayMs + 100);
      const family = descendants(service);
      await app.kill();
      client.close();
      const left = (): number[] => [...family.filter(isRunning), ...marked(service)];
      await until(() => left().length === 0, GONE_WITHIN_MS);
      expect({ delayMs, left: left().map(nameOf) }).toEqual({ delayMs, left: [] });
    }
  });
});

async function until(condition: () => boolean, timeoutMs = GONE_WITHIN_MS): Promise<void> {
  const begun = performance.now();
  while (!condition() && performance.now() - begun < timeoutMs) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Contents of a file below /proc; empty when the process is gone. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function descendants(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function isRunning(pid: number): boolean {
  return /^State:\s+[^ZX]/m.test(read(`/proc/${pid}/status`));
}

function nameOf(pid: number): string {
  return read(`/proc/${pid}/comm`).trim();
}

/** Processes that say they belong to a service. */
function marked(service: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => read(`/proc/${name}/cmdline`).includes(`FLOW_SANDBOX_OWNER_${service}\0`))
    .map(Number)
    .filter(isRunning);
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1]) * 1024;
}

function mounts(): number {
  return read('/proc/self/mounts').split('\n').length;
}

function temporaryFiles(): string[] {
  return readdirSync(tmpdir()).filter((name) => /^(bwrap|jail|flow-jail)/.test(name));
}

function controlGroups(service: number): string[] {
  const found = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `*${service}-*`]);
  return found.stdout
    .toString()
    .split('\n')
    .filter((path) => path.includes('flowreasoner-sandbox'));
}
