// What the built workflow-runner and sandbox do as processes.
// A bench stands beside the projects and may use any of them.
/* eslint-disable @nx/enforce-module-boundaries */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startStack } from '../../../apps/workflow-runner/src/testing/stack.js';
import { ensemble, workflow } from './workflows.mjs';

const MODEL_MS = 200;
/** Name that a program in the jail gives its process, by which it is found from outside. */
const SLEEPER = `sleeper-${process.pid}`.slice(0, 15);

/**
 * Memory of one workflow-runner through which so many workflows go at once. No
 * model answers before all of them have made their first operator call.
 */
export async function manyThroughOneRunner(count) {
  const begun = Promise.withResolvers();
  let waiting = count;
  await using stack = await startStack(({ index }) => ({
    kind: 'answer',
    text: `<solution_letter>A</solution_letter>${'answer '.repeat(24)}${index}`,
    hold: begun.promise,
    firstByteDelayMs: MODEL_MS,
  }));
  const { pid } = stack.runner.child;
  const idleMiB = peakMiB(pid);
  const request = { source: ensemble(5), problem: 'p'.repeat(2000) };
  const startedAt = performance.now();
  const runs = Array.from({ length: count }, async (_, i) => {
    let status = 0;
    let hasBegun = false;
    for await (const { event } of stack.run({ ...request, seed: i })) {
      if (event?.$case === 'finished') status = event.value.status;
      if (hasBegun || event?.$case !== 'operatorStarted') continue;
      hasBegun = true;
      waiting -= 1;
      if (waiting === 0) begun.resolve();
    }
    if (status !== 1) throw new Error(`a run ended with status ${status}`);
  });
  await Promise.all(runs);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const { received, mostAtOnce } = stack.models.counts();
  return { idleMiB, peakMiB: peakMiB(pid), seconds, received, mostAtOnce, modelMs: MODEL_MS };
}

/** Greatest resident memory of a process so far. */
function peakMiB(pid) {
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib) / 1024);
}

/**
 * Milliseconds from the caller's cancellation until the model server sees its
 * connection closed, and until the jailed process has left the process table.
 */
export async function cancelLatencies(times) {
  await using stack = await startStack(({ body }) =>
    JSON.stringify(body.messages).includes('solve') ? SLEEPING_PROGRAM : { kind: 'hang' },
  );
  const [toModel, toJail] = [[], []];
  for (let i = 0; i < times; i += 1) {
    toModel.push(await cancelLatency(stack, ASKS, () => openModelRequest(stack.models)));
    toJail.push(await cancelLatency(stack, SLEEPS, jailedProcess));
  }
  return { model: summary(toModel), jail: summary(toJail) };
}

const SLEEPING_PROGRAM = {
  kind: 'answer',
  text: `\`\`\`python\nimport time\n\ndef solve():\n    open('/proc/self/comm', 'w').write('${SLEEPER}')\n    time.sleep(60)\n\`\`\``,
};
const ASKS = { source: workflow(["return (await self.custom(input=problem))['response']"]), problem: 'hang' };
const SLEEPS = {
  source: workflow(["return (await self.programmer(problem=problem))['output']"]),
  problem: 'Write solve.',
};

/** Cancels a run as soon as its work has begun; `begin` resolves then, with what resolves when it is over. */
async function cancelLatency(stack, request, begin) {
  const abort = new AbortController();
  const begun = begin();
  const run = readAll(stack.run(request, { signal: abort.signal })).catch((reason) => reason);
  const { over } = await begun;
  const cancelledAt = performance.now();
  abort.abort();
  await over();
  const taken = performance.now() - cancelledAt;
  const error = await run;
  if (error?.code !== 'CANCELLED') throw new Error('the run was not cancelled', { cause: error });
  return taken;
}

async function openModelRequest(models) {
  const { received, aborted } = models.counts();
  await models.until((counts) => counts.received > received);
  return { over: () => models.until((counts) => counts.aborted > aborted) };
}

async function jailedProcess() {
  for (;;) {
    const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && nameOf(name) === SLEEPER);
    if (pid !== undefined) return { over: () => gone(pid) };
    await delay(5);
  }
}

function nameOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

async function gone(pid) {
  while (existsSync(`/proc/${pid}`)) await delay(1);
}

async function readAll(events) {
  for await (const _ of events);
}

function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)].toFixed(1), most: sorted.at(-1).toFixed(1) };
}
