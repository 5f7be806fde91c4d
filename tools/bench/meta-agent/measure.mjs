// A bench stands beside the projects and may use any of them.
/* eslint-disable @nx/enforce-module-boundaries */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { MetaAgentServiceClient, RunOptions, Task } from '@flowreasoner/contracts/metaagent';
import {
  CaseStatus,
  Integrity,
  SandboxServiceService,
  Verdict,
  VerdictStatus,
} from '@flowreasoner/contracts/sandbox';
import {
  createClient,
  serverStream,
  service,
  startServer,
  unary,
  unaryHandler,
  waitForReady,
} from '@flowreasoner/rpc';
import { createSeededRandom, startScriptedModelServer, startTemporaryPostgres } from '@flowreasoner/testing';
import { openPostgresJournal } from '@flowreasoner/meta-agent';
import { randomUUID } from 'node:crypto';

/** Measures everything and prints it. */
export async function measure({ root, runs, rounds, events, modelMs }) {
  console.log(`machine: ${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.versions.node}`);
  const postgres = await startTemporaryPostgres();
  try {
    await measureJournal(postgres.url, events);
    await measureRuns({ root, url: postgres.url, runs, rounds, modelMs });
  } finally {
    await postgres.stop();
  }
}

/** Appends small events of 64 runs, ten at a time, as fast as the journal takes them. */
async function measureJournal(url, events) {
  const journal = await openPostgresJournal({ url });
  const writers = await Promise.all(Array.from({ length: 64 }, () => createRun(journal)));
  const each = Math.ceil(events / writers.length / 10);
  const start = performance.now();
  await Promise.all(writers.map((writer) => write(journal, writer, each)));
  const seconds = (performance.now() - start) / 1000;
  const written = each * 10 * writers.length;
  console.log(
    `journal: ${written} events in ${seconds.toFixed(2)} s, ${Math.round(written / seconds)} events/s`,
  );
  // They are not to be worked on by what is measured next.
  for (const { run } of writers) {
    const { sequence } = run;
    await append(
      journal,
      run,
      sequence,
      [event(run.id, sequence + 1n, { $case: 'runFinished', value: {} })],
      3,
    );
  }
  await journal.close();
}

async function createRun(journal) {
  const id = randomUUID();
  const created = { task: Task.fromPartial({ problem: 'x' }), options: undefined };
  await journal.createRun({
    id,
    tenant: 'bench',
    requestId: '',
    requestHash: Uint8Array.of(1),
    created,
    event: event(id, 1n, { $case: 'runCreated', value: created }),
    run: state(id, 1n, 1),
    maxQueued: 1_000,
    quota: {},
  });
  const claim = await journal.claim(id);
  return { run: { id, epoch: claim.epoch, sequence: 1n } };
}

async function write(journal, { run }, batches) {
  for (let batch = 0; batch < batches; batch++) {
    const batchEvents = Array.from({ length: 10 }, (_, index) =>
      event(run.id, run.sequence + BigInt(index + 1), {
        $case: 'reasoning',
        value: {
          text: 'A thought of about a hundred bytes, as they come from a model while it writes a workflow. '.repeat(
            2,
          ),
        },
      }),
    );
    await append(journal, run, run.sequence, batchEvents, 2);
    run.sequence += 10n;
  }
}

async function append(journal, run, expectedSequence, events, runState) {
  const last = expectedSequence + BigInt(events.length);
  await journal.append({
    runId: run.id,
    epoch: run.epoch,
    expectedSequence,
    events,
    run: state(run.id, last, runState),
  });
}

function event(id, sequence, fact) {
  return { run: `runs/${id}`, sequence, time: new Date(), round: 1, event: fact };
}

function state(id, lastSequence, runState) {
  return {
    name: `runs/${id}`,
    task: undefined,
    options: undefined,
    state: runState,
    result: undefined,
    usage: undefined,
    rounds: 0,
    createTime: new Date(),
    endTime: undefined,
    lastSequence,
  };
}

/** Runs at once on one replica, each watched: how long until its watcher has an event, memory, and cost. */
async function measureRuns({ root, url, runs, rounds, modelMs }) {
  const folder = mkdtempSync(join(tmpdir(), 'flow-bench-'));
  const address = (name) => `unix:${join(folder, `${name}.sock`)}`;
  const random = createSeededRandom(1);
  const models = await startScriptedModelServer({
    script: ({ index }) => ({
      kind: 'answer',
      text: `\`\`\`python\ndef f(x):\n    return ${index} * x\n\`\`\``,
      // As answers of real models, some are ready sooner.
      firstByteDelayMs: modelMs * (0.5 + random()),
      usage: { promptTokens: 100, completionTokens: 20 },
    }),
  });
  const sandbox = await startServer({
    address: address('sandbox'),
    services: [wrongAlways()],
    reflection: false,
  });
  const endpoint = {
    name: 'm',
    baseUrl: models.baseUrl,
    local: true,
    defaultModel: 'm',
    grammarStyle: 'none',
  };
  const apps = [];
  const start = (app, env) => {
    const child = spawn(process.execPath, [join(root, 'dist/apps', app, 'main.js')], {
      env: {
        PATH: process.env.PATH,
        FLOW_LOG_LEVEL: 'warn',
        FLOW_MODEL_ENDPOINTS: JSON.stringify([{ ...endpoint, promptStyle: 'chat', concurrency: 1024 }]),
        ...env,
      },
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    apps.push(child);
    return child;
  };
  const runner = start('workflow-runner', {
    FLOW_WORKFLOW_RUNNER_ADDRESS: address('runner'),
    FLOW_WORKFLOW_RUNNER_SANDBOX_ADDRESS: address('sandbox'),
  });
  const replica = start('meta-agent', {
    FLOW_META_AGENT_ADDRESS: address('agent'),
    FLOW_META_AGENT_DATABASE_URL: url,
    FLOW_META_AGENT_WORKFLOW_RUNNER_ADDRESS: address('runner'),
    FLOW_META_AGENT_SANDBOX_ADDRESS: address('sandbox'),
    FLOW_META_AGENT_REWARD_ADDRESS: address('sandbox'),
    FLOW_META_AGENT_MAX_ACTIVE_RUNS: String(runs),
    FLOW_META_AGENT_MAX_CONCURRENT_CALLS: String(4 * runs),
  });
  const client = createClient(MetaAgentServiceClient, { address: address('agent') });
  try {
    await waitForReady(client, 30_000);
    const cpuBefore = cpuMs(replica.pid);
    const began = performance.now();
    const latencies = [];
    const results = await Promise.all(
      Array.from({ length: runs }, (_, index) => runAndWatch(client, index, rounds, latencies)),
    );
    const seconds = (performance.now() - began) / 1000;
    const cpu = cpuMs(replica.pid) - cpuBefore;
    console.log(
      `CPU: replica ${cpu} ms, runner ${cpuMs(runner.pid)} ms, model, sandbox and watchers ${cpuMs(process.pid)} ms`,
    );
    const made = results.reduce((sum, result) => sum + result.rounds, 0);
    latencies.sort((a, b) => a - b);
    const at = (share) => latencies[Math.floor(share * (latencies.length - 1))];
    console.log(
      `${runs} runs at once, ${made} rounds, model ${modelMs} ms: all ended in ${seconds.toFixed(1)} s; ` +
        `${latencies.length} events, to the watcher p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms; ` +
        `greatest memory ${Math.round(peakMemoryMb(replica.pid))} MB; ${(cpu / made).toFixed(1)} ms of CPU a round`,
    );
  } finally {
    client.close();
    for (const app of apps) app.kill('SIGKILL');
    await sandbox.drain(0);
    await models.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runAndWatch(client, index, maxRounds, latencies) {
  const problem = `def f(x):\n    """ Number ${index}.\n    >>> f(1)\n    2\n    >>> f(5)\n    6\n    """\n`;
  const options = RunOptions.fromPartial({ maxRounds, policy: 'search', seed: index, deadlineMs: 300_000 });
  const { run } = await unary(client, 'createRun', {
    requestId: '',
    task: Task.fromPartial({ problem }),
    options,
  });
  const request = { name: run.name, afterSequence: 0n, streamTokens: false };
  for await (const { event: each } of serverStream(client, 'watchRun', request, { deadlineMs: 300_000 })) {
    latencies.push(Math.max(0, Date.now() - each.time.getTime()));
    if (each.event.$case === 'runFinished') return each.event.value.result;
  }
  throw new Error(`the events of ${run.name} ended before the run`);
}

/** A sandbox that finds every candidate wrong, at once. */
function wrongAlways() {
  return service(SandboxServiceService, {
    grade: unaryHandler(() =>
      Promise.resolve({
        verdict: Verdict.fromPartial({
          status: VerdictStatus.VERDICT_STATUS_FAILED,
          integrity: Integrity.INTEGRITY_ISOLATED,
          total: 2,
          cases: [0, 1].map((index) => ({
            index,
            status: CaseStatus.CASE_STATUS_FAILED,
            expected: '2',
            actual: '3',
          })),
        }),
      }),
    ),
  });
}

/** CPU time that a process has used, in milliseconds; ticks are 10 ms. */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

function peakMemoryMb(pid) {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}
