// A bench stands beside the projects and may use any of them.
/* eslint-disable @nx/enforce-module-boundaries */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { MetaAgentServiceClient, RunOptions, Task } from '@flowreasoner/contracts/metaagent';
import { createClient, serverStream, unary, waitForReady } from '@flowreasoner/rpc';
import { startStack } from './stack.mjs';

const deadlineMs = 300_000;

/**
 * Many runs at once on one replica, each watched. `burst`: all begin at the
 * same moment, first on processes that have just started and have done one run,
 * then once more on the same ones. `steady`: each of as many users begins its
 * first run at another moment and one more when a run has ended; what is
 * measured is the time in which all of them have one.
 *
 * An event's latency is the time from its own time, which the replica takes
 * when the thing happens and before the event is written, until the watcher has
 * it from its client. How late the watcher's own event loop is counts in it,
 * and is shown beside it. Events that are older than the watch are counted
 * twice: from their own time, and from when the watch was asked for.
 */
export async function measureRuns({ root, url, runs, rounds, modelMs, load, profile }) {
  const stack = await startStack({ root, url, runs, modelMs, profile });
  const client = createClient(MetaAgentServiceClient, { address: stack.address });
  try {
    await waitForReady(client, 30_000);
    await watchOne(client, 0, rounds);
    const measured = load === 'burst' ? ['burst, just started', 'burst, warmed up'] : ['steady'];
    for (const name of measured) {
      const lag = monitorEventLoopDelay({ resolution: 1 });
      lag.enable();
      const before = { cpu: stack.cpu(), requests: await stack.modelRequests() };
      const began = performance.now();
      const ended = await (load === 'burst'
        ? burst(client, runs, rounds)
        : steady(client, runs, rounds, modelMs));
      const seconds = (performance.now() - began) / 1000;
      lag.disable();
      const requests = (await stack.modelRequests()) - before.requests;
      const cpu = difference(stack.cpu(), before.cpu);
      report({ name, ended, seconds, requests, cpu, lag, runs, modelMs });
      console.log(`  greatest memory of the replica ${Math.round(stack.memoryMb())} MB`);
    }
  } finally {
    client.close();
    await stack.stop();
  }
}

function burst(client, runs, rounds) {
  return Promise.all(Array.from({ length: runs }, (_, index) => watchOne(client, index, rounds)));
}

async function steady(client, runs, rounds, modelMs) {
  const perUser = 3;
  const runMs = 2 * rounds * modelMs;
  const users = Array.from({ length: runs }, async (_, user) => {
    await delay((user * runMs) / runs);
    const results = [];
    for (let index = 0; index < perUser; index++)
      results.push(await watchOne(client, perUser * user + index, rounds));
    return results;
  });
  const all = await Promise.all(users);
  const from = Math.max(...all.map((results) => results[0].startedAt));
  const to = Math.min(...all.map((results) => results.at(-1).endedAt));
  return all.flat().map((result) => ({
    ...result,
    latencies: result.latencies.filter(({ at }) => at >= from && at <= to),
  }));
}

async function watchOne(client, index, maxRounds) {
  const problem = `def f(x):\n    """ Number ${index}.\n    >>> f(1)\n    2\n    >>> f(5)\n    6\n    """\n`;
  const options = RunOptions.fromPartial({ maxRounds, policy: 'search', seed: index, deadlineMs });
  const startedAt = Date.now();
  const { run } = await unary(client, 'createRun', {
    requestId: '',
    task: Task.fromPartial({ problem }),
    options,
  });
  const latencies = [];
  const askedAt = Date.now();
  const createdMs = askedAt - startedAt;
  let begunMs;
  const request = { name: run.name, afterSequence: 0n, streamTokens: false };
  for await (const { event } of serverStream(client, 'watchRun', request, { deadlineMs })) {
    const at = Date.now();
    const happenedAt = event.time.getTime();
    const since = (from) => Math.max(0, at - from);
    latencies.push({ at, ms: since(happenedAt), watchedMs: since(Math.max(happenedAt, askedAt)) });
    if (event.event.$case === 'runStarted') begunMs = since(startedAt) - (at - happenedAt);
    if (event.event.$case === 'runFinished') {
      const { rounds } = event.event.value.result;
      return { startedAt, endedAt: at, createdMs, begunMs, latencies, rounds };
    }
  }
  throw new Error(`the events of ${run.name} ended before the run`);
}

function report({ name, ended, seconds, requests, cpu, lag, runs, modelMs }) {
  const made = ended.reduce((sum, result) => sum + result.rounds, 0);
  const events = ended.flatMap(({ latencies }) => latencies);
  const perRound = Object.entries(cpu).map(([part, ms]) => `${part} ${(ms / made).toFixed(1)}`);
  const total = Object.values(cpu).reduce((sum, ms) => sum + ms, 0);
  console.log(
    `${name}, ${runs} runs at once, model ${modelMs} ms: ${ended.length} runs, ${made} rounds, ` +
      `${requests} model requests, all ended in ${seconds.toFixed(1)} s`,
  );
  console.log(
    `  CPU a round, in ms: ${perRound.join(', ')}; busy ${((total / seconds / 2000) * 100).toFixed(0)}% of 2 cores`,
  );
  console.log(`  CreateRun: ${percentiles(ended.map(({ createdMs }) => createdMs))}`);
  console.log(`  until the run began: ${percentiles(ended.map(({ begunMs }) => begunMs))}`);
  console.log(`  event to watcher, ${events.length} events: ${percentiles(events.map(({ ms }) => ms))}`);
  console.log(
    `  from the start of the watch, where that is later: ${percentiles(events.map(({ watchedMs }) => watchedMs))}`,
  );
  const ms = (ns) => (ns / 1e6).toFixed(0);
  console.log(
    `  delay of the watchers' own event loop: p50 ${ms(lag.percentile(50))} ms, p99 ${ms(lag.percentile(99))} ms, ` +
      `most ${ms(lag.max)} ms`,
  );
}

function percentiles(values) {
  const sorted = values.sort((a, b) => a - b);
  const at = (share) => sorted[Math.floor(share * (sorted.length - 1))];
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`;
}

function difference(after, before) {
  return Object.fromEntries(Object.entries(after).map(([part, value]) => [part, value - before[part]]));
}
