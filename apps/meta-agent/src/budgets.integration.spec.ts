import { RunStatus, StopReason, type RunEvent } from '@flowreasoner/contracts/metaagent';
import { unary } from '@flowreasoner/rpc';
import { WorkflowStatus, type Usage } from '@flowreasoner/contracts/workflow';
import { createSeededRandom, type ScriptedReply, type ScriptedRequest } from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { design, isDesign } from './testing/designs.js';
import { descendantsOf } from './testing/processes.js';
import { resultOf, startLocalServices, type LocalServices } from './testing/local-services.js';
import { randomRun } from './testing/random-runs.js';

const isFull = process.env['FLOW_FULL'] === '1';
const runs = isFull ? 500 : 24;
const cancellations = isFull ? 60 : 8;
const atOnce = 6;
const price = { prompt: 1e-6, completion: 4e-6 };

interface Spent {
  calls: number;
  tokens: number;
  costUsd: number;
}

let services: LocalServices;
/** What the model server has counted, by run. */
const spent = new Map<string, Spent>();
let designs = 0;

/** Answers after a while, and claims any use that the request allows. */
function reply(request: ScriptedRequest): ScriptedReply {
  const { body, index } = request;
  const prompt = JSON.stringify(body.messages);
  const tag = /run-\d+-end/.exec(prompt)?.[0] ?? '';
  const random = createSeededRandom(index);
  const samples = body.n ?? 1;
  const bytes = body.messages.reduce((sum, { content }) => sum + Buffer.byteLength(String(content)), 0);
  const usage = {
    promptTokens: Math.ceil(bytes * random()) * samples,
    completionTokens: Math.floor((body.max_tokens ?? 0) * random()) * samples,
  };
  const before = spent.get(tag) ?? { calls: 0, tokens: 0, costUsd: 0 };
  spent.set(tag, {
    calls: before.calls + samples,
    tokens: before.tokens + usage.promptTokens + usage.completionTokens,
    costUsd: before.costUsd + usage.promptTokens * price.prompt + usage.completionTokens * price.completion,
  });
  const code = `\`\`\`python\ndef double(x):\n    return x * x + ${index}\n\`\`\``;
  const text = isDesign(request) ? design(designs++) : code;
  return { kind: 'answer', text, usage, firstByteDelayMs: Math.floor(random() * 30) };
}

function tokensOf(usage: Usage | undefined): number {
  return (usage?.promptTokens ?? 0) + (usage?.completionTokens ?? 0);
}

/** Whether a workflow ended at the budget; the run may have gone on with another one. */
function isBudgetCut({ event }: RunEvent): boolean {
  const fact = event?.$case === 'workflowEvent' ? event.value.event : undefined;
  return fact?.$case === 'finished' && fact.value.status === WorkflowStatus.WORKFLOW_STATUS_BUDGET;
}

/** Works on items, some at a time. */
async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
}

describe('budgets', () => {
  beforeAll(async () => {
    services = await startLocalServices(reply);
  });
  afterAll(() => services.stop());

  it(
    `hold in ${runs} random runs with parallel operators, by the model server's own count`,
    async () => {
      let cut = 0;
      await inParallel(runs, async (index) => {
        const { tag, problem, options, budget } = randomRun(index);
        const events = await services.solve({ problem }, options);
        const result = resultOf(events);
        const counted = spent.get(tag) ?? { calls: 0, tokens: 0, costUsd: 0 };
        const limits = [
          [counted.calls, budget.modelCalls],
          [counted.tokens, budget.tokens],
          [counted.costUsd, budget.costUsd === undefined ? undefined : budget.costUsd + 1e-12],
          [result.usage?.sandboxMs ?? 0, budget.sandboxMs],
          [result.usage?.modelCalls ?? 0, budget.modelCalls],
          [tokensOf(result.usage), budget.tokens],
        ] as const;
        for (const [used, limit] of limits) {
          expect(used, `${tag} ${JSON.stringify(budget)}`).toBeLessThanOrEqual(limit ?? Infinity);
        }
        // What is told is what was used; a request that was cut off in flight is told at its bound.
        const told = { calls: result.usage?.modelCalls ?? 0, tokens: tokensOf(result.usage) };
        const isCut = result.stopReason === StopReason.STOP_REASON_BUDGET || events.some(isBudgetCut);
        if (!isCut) expect(told, tag).toEqual({ calls: counted.calls, tokens: counted.tokens });
        expect(told.calls, tag).toBeGreaterThanOrEqual(counted.calls);
        expect(told.tokens, tag).toBeGreaterThanOrEqual(counted.tokens);
        if (result.status === RunStatus.RUN_STATUS_BUDGET) expect(result.reason, tag).not.toBe('');
        if (isCut) cut += 1;
      });
      // Runs that no limit touches would show nothing.
      expect(cut).toBeGreaterThan(runs / 4);
    },
    isFull ? 1_200_000 : 120_000,
  );
});

describe('a money budget', () => {
  beforeAll(async () => {
    services = await startLocalServices(reply, { endpoint: { prices: {} } });
  });
  afterAll(() => services.stop());

  it.each(['search', 'llm'])(
    'is refused for a model of unknown price before it is asked (%s)',
    async (policy) => {
      const budget = { costUsd: 1, tokens: undefined, modelCalls: undefined, sandboxMs: undefined };
      const { problem } = randomRun(0);
      const result = resultOf(await services.solve({ problem }, { policy, budget }));
      expect(result).toMatchObject({
        stopReason: StopReason.STOP_REASON_BUDGET,
        reason: 'PRICE_UNKNOWN',
        message: expect.stringContaining(
          "A money budget cannot be kept with model 'scripted' at endpoint 'scripted', because its price is not known.",
        ) as string,
      });
      expect(services.models.counts().received).toBe(0);
    },
  );
});

describe('cancelling', () => {
  beforeAll(async () => {
    services = await startLocalServices(() => ({
      kind: 'answer',
      text: '```python\ndef double(x):\n    while True: pass\n```',
      chunkDelayMs: 20,
    }));
  });
  afterAll(() => services.stop());

  it(
    `at any of ${cancellations} points stops every model request and leaves no process`,
    async () => {
      const [sandbox] = services.processes;
      const idle = descendantsOf(sandbox?.child.pid ?? 0);
      const slowest = { ms: 0 };
      for (let index = 0; index < cancellations; index++) {
        const random = createSeededRandom(index);
        const events = await cancelledAt(1 + Math.floor(random() * 25), random() * 150, slowest);
        expect(events).toBeGreaterThan(0);
        await expect
          .poll(() => descendantsOf(sandbox?.child.pid ?? 0).length, { timeout: 5_000 })
          .toBeLessThanOrEqual(idle.length);
      }
      // A busy machine may take longer; alone on it this is the promise.
      if (isFull) expect(slowest.ms).toBeLessThan(500);
    },
    isFull ? 600_000 : 120_000,
  );

  /** Runs until so many events came, waits a little, cancels, and waits until no model request is open. */
  async function cancelledAt(count: number, waitMs: number, slowest: { ms: number }): Promise<number> {
    const { problem, options } = randomRun(1_000 + count);
    const free = { ...options, budget: undefined, policy: 'search' };
    const name = await services.create({ problem }, free);
    let seen = 0;
    for await (const event of services.watch(name)) {
      seen += 1;
      if (event.event?.$case === 'runFinished' || seen >= count) break;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const startedAt = performance.now();
    await unary(services.client, 'cancelRun', { name });
    await services.models.until(
      ({ received, finished, aborted, cut }) => received === finished + aborted + cut,
    );
    slowest.ms = Math.max(slowest.ms, performance.now() - startedAt);
    return seen;
  }
});
