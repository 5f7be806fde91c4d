// A bench stands beside the projects and may use any of them.
/* eslint-disable @nx/enforce-module-boundaries */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ExecuteRequest,
  ExecutionStatus,
  GradeRequest,
  SandboxServiceClient,
  VerdictStatus,
} from '@flowreasoner/contracts/sandbox';
import { createClient, unary, waitForReady } from '@flowreasoner/rpc';
import { SANDBOX_IMAGE, TestDaemon } from '@flowreasoner/testing';
import { bwrapArguments } from '../../../libs/sandbox/src/adapters/jail/bwrap-arguments.ts';
import { inspectHost } from '../../../libs/sandbox/src/adapters/jail/host-probe.ts';
import { openCpuMeter } from './cpu-meter.mjs';
import { DEFAULT_LIMITS } from '../../../libs/sandbox/src/limits.ts';

const SOURCE = 'print(sum(range(1000)))\n';
const PYTHON = ['-I', '-S', '-c', SOURCE];
const ANSWER = '499500\n';

/** What is compared, and what isolates each execution there. */
const MODES = {
  hot: {
    title: 'jail, pre-forked, through gRPC',
    isolation: 'pid mount ipc uts fresh, seccomp, cgroup; user net of the outer jail',
    open: ({ root }) => openService(root, {}),
  },
  cold: {
    title: 'jail, bubblewrap each, through gRPC',
    isolation: 'user pid mount ipc uts net fresh, seccomp, cgroup',
    open: ({ root }) => openService(root, { FLOW_SANDBOX_HOT: 'false' }),
  },
  bwrap: {
    title: 'bubblewrap each, no service',
    isolation: 'user pid mount ipc uts net fresh, seccomp',
    open: openBubblewrap,
  },
  docker: {
    title: 'docker backend, warm containers, through gRPC',
    isolation: 'container each: pid mount ipc uts net fresh, seccomp, cgroup',
    open: openDockerBackend,
  },
  dockerRun: {
    title: 'docker run each, no service',
    isolation: "container each: pid mount ipc uts net fresh, Docker's own seccomp, cgroup",
    open: openDockerRun,
  },
  python: {
    title: 'python3 -I -S -c, no service',
    isolation: 'none',
    open: () => openCommand('/usr/bin/python3', PYTHON, {}),
  },
};

/** Every measurement, printed as a table: a closed loop of so many callers each. */
export async function measure({ seconds, concurrencies, modes, data, root }) {
  const meter = openCpuMeter();
  try {
    console.log(['what', 'at once', 'per second', 'p50 ms', 'p99 ms', 'CPU ms', 'isolation'].join('\t'));
    for (const name of modes) await measureMode(name, { seconds, concurrencies, data, root, meter });
  } finally {
    meter.close();
  }
}

async function measureMode(name, { seconds, concurrencies, data, root, meter }) {
  const { title, isolation, open } = MODES[name];
  const opened = await open({ root });
  const counter = name.startsWith('docker') ? { read: () => NaN } : meter;
  const series = async (what, once, atOnce, remark) => {
    // Long enough for V8 to have compiled what is hot.
    await loop(once, 2, 2, counter);
    for (const concurrency of atOnce) {
      print(what, concurrency, await loop(once, concurrency, seconds, counter), remark);
    }
  };
  try {
    await series(title, opened.once, concurrencies, isolation);
    if (name === 'hot' && data !== undefined) {
      const grade = gradeOnce(opened.client, tenAsserts(data));
      await series('Grade, HumanEval, 10 asserts', grade, [1, 2], 'two such jails');
    }
  } finally {
    await opened.close();
  }
}

async function loop(once, concurrency, seconds, meter) {
  const times = [];
  const cpuAtFirst = meter.read();
  const begunAt = performance.now();
  const caller = async () => {
    while (performance.now() < begunAt + seconds * 1000) {
      const begun = performance.now();
      await once();
      times.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  const perSecond = (times.length / (performance.now() - begunAt)) * 1000;
  const cpuMs = (meter.read() - cpuAtFirst) / times.length;
  return { times: times.sort((left, right) => left - right), perSecond, cpuMs };
}

function print(title, concurrency, { times, perSecond, cpuMs }, isolation) {
  const at = (share) => (times[Math.floor(times.length * share)] ?? NaN).toFixed(2);
  const numbers = [Math.round(perSecond), at(0.5), at(0.99), Number.isNaN(cpuMs) ? '-' : cpuMs.toFixed(2)];
  console.log([title, concurrency, ...numbers, isolation].join('\t'));
}

async function openService(root, env) {
  const folder = mkdtempSync(join(tmpdir(), 'flow-bench-'));
  const address = `unix:${folder}/sandbox.sock`;
  const variables = { FLOW_LOG_LEVEL: 'warn', FLOW_SANDBOX_ADDRESS: address, ...env };
  const service = spawn(process.execPath, [join(root, 'dist/apps/sandbox/main.js')], {
    env: { PATH: process.env.PATH, ...variables },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((resolve) => service.on('exit', resolve));
  const client = createClient(SandboxServiceClient, { address });
  await waitForReady(client, 30_000);
  const request = ExecuteRequest.fromPartial({ execution: { source: Buffer.from(SOURCE) } });
  return {
    client,
    once: async () => {
      const { result } = await unary(client, 'execute', request, { deadlineMs: 30_000 });
      if (result?.status !== ExecutionStatus.EXECUTION_STATUS_EXITED || result.stdout.toString() !== ANSWER) {
        throw new Error(`unexpected: ${JSON.stringify(result)}`);
      }
    },
    close: async () => {
      client.close();
      service.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The jails that the service makes, with a bare interpreter instead of the launcher. */
async function openBubblewrap() {
  const { host } = await inspectHost();
  const command = [host.pythonPath, ...PYTHON];
  const args = bwrapArguments(host, { limits: DEFAULT_LIMITS, withNode: false, bare: false, command });
  const options = { cwd: '/', env: {}, ...host.runAs };
  return openCommand(host.bwrapPath, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'inherit', 'ignore', 'ignore', 'pipe', 'pipe'],
    started: (child) => {
      child.stdio[5].resume();
      child.stdio[6].end(host.seccompFilter);
    },
  });
}

/** Our docker backend on a daemon of the bench's own. */
async function openDockerBackend({ root }) {
  const daemon = await TestDaemon.start();
  const service = await openService(root, {
    FLOW_SANDBOX_DEFAULT_BACKEND: 'docker',
    FLOW_SANDBOX_DOCKER_IMAGE: SANDBOX_IMAGE,
    FLOW_SANDBOX_DOCKER_SOCKET_PATH: daemon.socketPath,
  });
  return { ...service, close: () => service.close().then(() => daemon.close()) };
}

/** What a service without warm containers would do: one `docker run` for each execution. */
async function openDockerRun() {
  const daemon = await TestDaemon.start();
  const args = ['--host', `unix://${daemon.socketPath}`, 'run', '--rm', '--network=none', SANDBOX_IMAGE];
  const { once } = openCommand('docker', [...args, '/usr/bin/python3', ...PYTHON], {});
  return { once, close: () => daemon.close() };
}

function openCommand(program, args, { started, ...options }) {
  const once = () =>
    new Promise((resolve, reject) => {
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
      let output = '';
      child.stdout.on('data', (chunk) => (output += chunk));
      child.on('error', reject);
      child.on('close', () => (output === ANSWER ? resolve() : reject(new Error(`unexpected: ${output}`))));
      started?.(child);
    });
  return { once, close: () => Promise.resolve() };
}

/** The first problem whose check has ten asserts. */
function tenAsserts(file) {
  const rows = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const row = rows
    .map((line) => JSON.parse(line))
    .find(({ test }) => (test.match(/^\s+assert candidate\(/gm) ?? []).length === 10);
  return GradeRequest.fromPartial({
    candidate: Buffer.from(row.prompt + row.canonical_solution),
    suite: { suite: { $case: 'function', value: { entryPoint: row.entry_point, testCode: row.test } } },
  });
}

function gradeOnce(client, request) {
  return async () => {
    const { verdict } = await unary(client, 'grade', request, { deadlineMs: 30_000 });
    if (verdict?.status !== VerdictStatus.VERDICT_STATUS_PASSED) {
      throw new Error(`unexpected: ${JSON.stringify(verdict)}`);
    }
  };
}
