// A bench stands beside the projects and may use any of them.
/* eslint-disable @nx/enforce-module-boundaries */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkflowServiceClient } from '@flowreasoner/contracts/workflow';
import { collectSeldom, createClient, unary, waitForReady } from '@flowreasoner/rpc';
import { startApp } from '@flowreasoner/testing';
import { checkWorkflow } from '@flowreasoner/workflow';

const TIMES = 3000;
/** Calls before those that count: V8 still compiles after the first, hardly any more after the second. */
const WARM_UPS = [1000, 10_000];

/** Prints the times of checking a source. */
export async function measure(source) {
  // As the services do that call the runner.
  collectSeldom();
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const address = `unix:${folder}/runner.sock`;
  const app = startApp('workflow-runner', {
    env: {
      FLOW_WORKFLOW_RUNNER_ADDRESS: address,
      FLOW_WORKFLOW_RUNNER_SANDBOX_ADDRESS: `unix:${folder}/sandbox.sock`,
    },
  });
  const runner = createClient(WorkflowServiceClient, { address });
  await waitForReady(runner, 20_000);
  const price = { promptUsdPerMillion: 1, completionUsdPerMillion: 4 };
  const requestBounds = { leastPromptTokens: 0, greatestPromptTokens: 4000, greatestCompletionTokens: 1000 };
  const request = { prompts: 'A = "x"', operators: [], requestBounds, price, promptsFinal: true };
  console.log(`a program of ${source.trimEnd().split('\n').length} lines, ${TIMES} times`);
  await times('checkWorkflow', () => checkWorkflow(source));
  // What a call takes that does hardly anything.
  const none = { pageSize: 0, pageToken: '', mode: 0 };
  await times('ListOperators over gRPC', () => unary(runner, 'listOperators', none));
  // Each another text: the runner keeps what it found out about one.
  let call = 0;
  for (const omitProgram of [true, false]) {
    await times(`CheckWorkflow over gRPC${omitProgram ? ', without the program' : ''}`, async () => {
      call += 1;
      const asked = { ...request, omitProgram, source: `${source}# ${call}\n` };
      const { valid } = await unary(runner, 'checkWorkflow', asked);
      if (!valid) throw new Error('the program is not valid');
    });
  }
  runner.close();
  await app.stop();
  rmSync(folder, { recursive: true });
}

async function times(what, run) {
  const taken = [];
  while (taken.length < WARM_UPS.at(-1) + TIMES) {
    const startedAt = performance.now();
    await run();
    taken.push(performance.now() - startedAt);
  }
  for (const warmUp of WARM_UPS) {
    const sorted = taken.slice(warmUp, warmUp + TIMES).sort((a, b) => a - b);
    const at = (part) => sorted[Math.floor(part * TIMES)].toFixed(2);
    const after = `after ${warmUp} calls`.padEnd(17);
    console.log(`${what.padEnd(46)} ${after} median ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  }
}
