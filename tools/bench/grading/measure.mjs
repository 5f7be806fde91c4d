// A bench stands beside the projects and may use any of them.
/* eslint-disable @nx/enforce-module-boundaries */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  CaseStatus,
  ExecuteRequest,
  ExecutionStatus,
  GradeRequest,
  Integrity,
  SandboxServiceClient,
  VerdictStatus,
} from '@flowreasoner/contracts/sandbox';
import { createClient, unary, waitForReady } from '@flowreasoner/rpc';
import { SANDBOX_IMAGE, TestDaemon } from '@flowreasoner/testing';
import { problemsOf } from './problems.mjs';

const MIB = 1024 * 1024;

export async function measure(root, argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      ...{ count: { type: 'string' }, seed: { type: 'string', default: '0' }, wall: { type: 'string' } },
      packages: { type: 'string' },
    },
  });
  const [mode, ...files] = positionals;
  const modes = { canonical, mutants, speed };
  if (modes[mode] === undefined || files.length === 0) {
    throw new Error(
      'usage: run.mjs canonical|mutants|speed FILE… [--count N] [--seed N] [--wall MS] [--packages A,B]',
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'bench-grading-'));
  const address = `unix:${join(folder, 'sandbox.sock')}`;
  const docker = values.packages === undefined ? undefined : await withPackages(root, values.packages);
  const server = spawn(process.execPath, [`${root}dist/apps/sandbox/main.js`], {
    env: {
      PATH: process.env.PATH,
      FLOW_SANDBOX_ADDRESS: address,
      FLOW_SANDBOX_STOP_WITH_STDIN: 'true',
      FLOW_LOG_LEVEL: 'warn',
      ...docker?.variables,
    },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const client = createClient(SandboxServiceClient, { address });
  try {
    await waitForReady(client, 30_000);
    await modes[mode](client, files.flatMap(problemsOf), { root, ...values });
  } finally {
    client.close();
    const ended = once(server, 'exit');
    server.stdin.end();
    await ended;
    await docker?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A Docker daemon of the bench's own, and an image with packages that the machine's Python does not have. */
async function withPackages(root, packages) {
  const daemon = await TestDaemon.start();
  const [image, tool] = [`${SANDBOX_IMAGE}-packages`, `${root}tools/sandbox/docker-image.mjs`];
  const args = [tool, '--socket', daemon.socketPath, '--name', image, '--packages', packages];
  if (spawnSync(process.execPath, args, { stdio: 'inherit' }).status !== 0)
    throw new Error('no image was made');
  const variables = {
    FLOW_SANDBOX_DEFAULT_BACKEND: 'docker',
    FLOW_SANDBOX_DOCKER_IMAGE: image,
    FLOW_SANDBOX_DOCKER_SOCKET_PATH: daemon.socketPath,
  };
  return { variables, close: () => daemon.close() };
}

async function gradeOne(client, problem, candidate, options = {}) {
  const { wallMs = 120_000, caseWallMs = 110_000, integrity = Integrity.INTEGRITY_ISOLATED } = options;
  const [[form, value]] = Object.entries(problem.suite);
  const request = GradeRequest.fromPartial({
    candidate: Buffer.from(candidate),
    suite: { suite: { $case: form, value }, integrity, hidden: false },
    limits: { wallMs, cpuMs: wallMs, memoryBytes: BigInt(2048 * MIB) },
    caseWallMs,
  });
  return (await unary(client, 'grade', request, { deadlineMs: 300_000 })).verdict;
}

async function canonical(client, problems) {
  const totals = new Map();
  await twoAtOnce(problems, async (problem) => {
    const total = totals.get(problem.set) ?? {
      rows: 0,
      absent: 0,
      isolated: 0,
      shared: 0,
      neither: [],
      wrong: [],
    };
    totals.set(problem.set, total);
    total.rows += 1;
    const missing = await missingLibrary(
      client,
      problem.solution + '\n' + (problem.suite.unittest?.testCode ?? ''),
    );
    if (missing) return void (total.absent += 1);
    const isolated = await gradeOne(client, problem, problem.solution);
    if (passed(isolated)) total.isolated += 1;
    else {
      const shared = await gradeOne(client, problem, problem.solution, {
        integrity: Integrity.INTEGRITY_SHARED_PROCESS,
      });
      if (passed(shared)) total.shared += 1;
      else
        total.neither.push(
          `${problem.id}: ${whyNot(isolated)}; direct execution: ${await direct(client, problem, problem.solution, 120_000)}`,
        );
    }
    const wrong = `def ${problem.entryPoint}(*args, **kwargs):\n    return "no answer at all"\n`;
    for (const [name, candidate] of Object.entries({ empty: '', wrong, 'pass only': problem.passOnly })) {
      for (const integrity of [Integrity.INTEGRITY_ISOLATED, Integrity.INTEGRITY_SHARED_PROCESS]) {
        const verdict = await gradeOne(client, problem, candidate, {
          integrity,
          wallMs: 20_000,
          caseWallMs: 3000,
        });
        if (passed(verdict)) total.wrong.push(`${problem.id}: ${name} (${Integrity[integrity]})`);
      }
    }
  });
  for (const [set, { rows, absent, isolated, shared, neither, wrong }] of totals) {
    console.log(
      `${set}: ${rows} rows, ${absent} need libraries that are not there; ISOLATED ${isolated}, SHARED_PROCESS ${shared}, neither ${neither.length}`,
    );
    for (const line of neither) console.log(`  not passed: ${line}`);
    console.log(`  empty, wrong and pass-only candidates that pass: ${wrong.length}`);
    for (const line of wrong) console.log(`  PASSED: ${line}`);
  }
}

async function mutants(client, problems, { root, count = '500', seed, wall = '4000' }) {
  const input = problems
    .map(({ id, solution, entryPoint }) => JSON.stringify({ id, solution, entryPoint }))
    .join('\n');
  const made = spawnSync('python3', [`${root}tools/bench/grading/mutate.py`, count, seed], {
    input,
    maxBuffer: 64 * MIB,
  });
  if (made.status !== 0) throw new Error(made.stderr.toString());
  const byId = new Map(problems.map((problem) => [problem.id, problem]));
  const tally = { 'both pass': 0, 'both fail': 0 };
  const differences = [];
  const all = made.stdout
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const wallMs = Number(wall);
  await twoAtOnce(all, async ({ id, mutation, source }) => {
    const problem = byId.get(id);
    const verdict = await gradeOne(client, problem, source, { wallMs, caseWallMs: wallMs });
    const said = await direct(client, problem, source, wallMs);
    if (passed(verdict) === (said === 'passed')) tally[said === 'passed' ? 'both pass' : 'both fail'] += 1;
    else
      differences.push(
        `${id} ${mutation}: grade ${passed(verdict) ? 'passed' : whyNot(verdict)}; direct ${said}`,
      );
  });
  console.log(
    `${all.length} mutants of ${problems.length} solutions: both pass ${tally['both pass']}, both fail ${tally['both fail']}, differ ${differences.length}`,
  );
  for (const line of differences) console.log(`  ${line}`);
}

async function speed(client, problems, { count = '200' }) {
  const ten = problems.filter(
    ({ suite }) => (suite.function?.testCode.match(/^\s*assert /gm) ?? []).length === 10,
  );
  const problem = ten[0] ?? problems[0];
  const times = [];
  for (let run = -10; run < Number(count); run += 1) {
    const begun = performance.now();
    const verdict = await gradeOne(client, problem, problem.solution, { wallMs: 15_000, caseWallMs: 3000 });
    if (!passed(verdict)) throw new Error(`${problem.id}: ${whyNot(verdict)}`);
    if (run >= 0) times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(share * (times.length - 1))].toFixed(1);
  console.log(
    `${problem.id}, one at a time: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms of ${times.length}`,
  );
}

/** passed, failed or timeout, by running the official tests in the candidate's own process. */
async function direct(client, problem, candidate, wallMs) {
  const request = ExecuteRequest.fromPartial({
    execution: {
      source: Buffer.from(problem.direct(candidate)),
      limits: { wallMs, cpuMs: wallMs, memoryBytes: BigInt(2048 * MIB) },
    },
  });
  const { result } = await unary(client, 'execute', request, { deadlineMs: 300_000 });
  if (result.status !== ExecutionStatus.EXECUTION_STATUS_EXITED) return 'timeout';
  return result.exitCode === 0 && result.stdout.toString().includes('direct: passed') ? 'passed' : 'failed';
}

/** Whether a program imports something that is not installed. */
async function missingLibrary(client, source) {
  const names = [...source.matchAll(/^(?:import\s+(\w+)|from\s+(\w+)(?:\.\w+)*\s+import\s)/gm)].map(
    (found) => found[1] ?? found[2],
  );
  const check = `import importlib.util as u\nprint([n for n in ${JSON.stringify(names)} if u.find_spec(n) is None])`;
  const request = ExecuteRequest.fromPartial({ execution: { source: Buffer.from(check) } });
  const { result } = await unary(client, 'execute', request, { deadlineMs: 60_000 });
  return result.stdout.toString().trim() !== '[]';
}

async function twoAtOnce(items, work) {
  const next = items.values();
  const worker = async () => {
    for (const item of next) await work(item);
  };
  await Promise.all([worker(), worker()]);
}

function passed({ status }) {
  if (status === VerdictStatus.VERDICT_STATUS_INFRA_ERROR) throw new Error('the sandbox failed');
  return status === VerdictStatus.VERDICT_STATUS_PASSED;
}

function whyNot({ cases, message, passed: count, total }) {
  const first = cases.find(({ status }) => status !== CaseStatus.CASE_STATUS_PASSED);
  return `${count} of ${total} cases; ${message || first?.message} [${first?.source}]`;
}
