// A bench stands beside the projects and may use any of them.
/* eslint-disable @nx/enforce-module-boundaries */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowServiceClient } from '@flowreasoner/contracts/workflow';
import { createModelClient } from '@flowreasoner/model';
import { createClient, serverStream, startServer } from '@flowreasoner/rpc';
import { createWorkflowService, systemClock } from '@flowreasoner/runner';
import { createLogger } from '@flowreasoner/telemetry';
import { startScriptedModelServer } from '@flowreasoner/testing';
import { checkWorkflow, runProgram } from '@flowreasoner/workflow';
import { cancelLatencies, manyThroughOneRunner } from './processes.mjs';
import { ensemble, workflow } from './workflows.mjs';

const MODEL_MS = 1000;

const usage = () => ({ total_cost: 0, total_input_tokens: 0, total_output_tokens: 0, call_count: 0 });

const programOf = (source) => {
  const { program, diagnostics } = checkWorkflow(source);
  if (program === undefined) throw new Error(JSON.stringify(diagnostics));
  return program;
};

/** Every measurement, printed as a table. */
export async function measure() {
  // The first run pays for loading and compiling.
  await overTheWire(ensemble(1), 16);
  for (const size of [3, 5]) {
    const parallel = await overTheWire(ensemble(size), 16);
    const sequential = await overTheWire(ensemble(size), 1);
    print(`ensemble of ${size} and a vote`, `${parallel} ms at once, ${sequential} ms one call at a time`);
  }
  print('own cost of an operator call', `${(await callCost(1000)).toFixed(4)} ms at 1,000 calls`);
  const { megabytes, seconds } = await manyAtOnce(1000);
  print(
    '1,000 workflows at once, interpreter',
    `${megabytes} MiB resident, ${seconds} s with a ${MODEL_MS} ms operator`,
  );
  const many = await manyThroughOneRunner(1000);
  print(
    '1,000 workflows through one process',
    `${many.peakMiB} MiB resident at most (idle ${many.idleMiB} MiB), ${many.seconds} s for ${many.received} model calls of ${many.modelMs} ms, ${many.mostAtOnce} at once`,
  );
  const { model, jail } = await cancelLatencies(20);
  print('cancelled, to model connection closed', `median ${model.median} ms, most ${model.most} ms`);
  print('cancelled, to jailed process gone', `median ${jail.median} ms, most ${jail.most} ms`);
}

function print(what, value) {
  console.log(`${what.padEnd(40)} ${value}`);
}

/** Wall-clock milliseconds of a run through the service, on a scripted model. */
async function overTheWire(source, concurrency) {
  let sample = 0;
  const models = await startScriptedModelServer({
    script: () => ({
      kind: 'answer',
      text: `<solution_letter>A</solution_letter>${(sample += 1)}`,
      firstByteDelayMs: MODEL_MS,
    }),
  });
  const client = createModelClient({
    endpoints: [
      { name: 'slow', baseUrl: models.baseUrl, defaultModel: 'slow', local: true, concurrency: 64 },
    ],
  });
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const address = `unix:${join(folder, 'runner.sock')}`;
  const sandbox = {
    grade: () => Promise.reject(new Error('unused')),
    execute: () => Promise.reject(new Error('unused')),
  };
  const server = await startServer({
    address,
    services: [createWorkflowService({ models: client, sandbox, clock: systemClock })],
    logger: createLogger({ service: 'bench', version: '0', level: 'fatal' }),
  });
  const runner = createClient(WorkflowServiceClient, { address });
  const request = {
    source,
    prompts: '',
    problem: 'p',
    entryPoint: '',
    visibleChecks: undefined,
    worker: undefined,
    mode: 0,
    seed: 1,
    limits: { steps: 0, operatorCalls: 0, wallMs: 0, concurrency, maxCompletionTokens: 0 },
    budget: undefined,
    memo: [],
    streamTokens: false,
    temperature: undefined,
  };
  const startedAt = performance.now();
  let status = 0;
  for await (const { event } of serverStream(runner, 'runWorkflow', request)) {
    if (event?.event?.$case === 'finished') status = event.event.value.status;
  }
  const wall = Math.round(performance.now() - startedAt);
  if (status !== 1) throw new Error(`the run ended with status ${status}`);
  runner.close();
  await server.drain(0);
  await client.close();
  await models.close();
  rmSync(folder, { recursive: true });
  return wall;
}

/** Milliseconds of interpreter time for each operator call, whose operator answers at once. */
async function callCost(calls) {
  const program = programOf(
    workflow([
      'xs = []',
      `for i in range(${calls}):`,
      '    r = await self.custom(input=f"{problem} {i}", instruction="")',
      "    xs.append(r['response'])",
      'best = await self.sc_ensemble(solutions=xs)',
      "return best['response']",
    ]),
  );
  const answer = new Map([['response', 'x']]);
  const run = () =>
    runProgram(program, {
      problem: 'p',
      seed: 1,
      usage,
      limits: { operatorCalls: calls + 1 },
      callOperator: () => Promise.resolve(answer),
    });
  await run();
  const startedAt = performance.now();
  const outcome = await run();
  if (outcome.status !== 'succeeded') throw new Error(outcome.status);
  return (performance.now() - startedAt) / (calls + 1);
}

/** Memory and time of many workflows that wait for their operators at the same time. */
async function manyAtOnce(count) {
  const source = ensemble(5);
  const startedAt = performance.now();
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20);
  const runs = Array.from({ length: count }, () =>
    runProgram(programOf(source), {
      problem: 'p'.repeat(2000),
      seed: 1,
      usage,
      callOperator: async ({ place }) => {
        await delay(MODEL_MS);
        return new Map([['response', place.repeat(200)]]);
      },
    }),
  );
  const outcomes = await Promise.all(runs);
  clearInterval(watch);
  if (outcomes.some(({ status }) => status !== 'succeeded')) throw new Error('a workflow failed');
  return {
    megabytes: Math.round(most / 2 ** 20),
    seconds: ((performance.now() - startedAt) / 1000).toFixed(2),
  };
}
