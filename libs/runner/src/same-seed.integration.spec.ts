import { createHash } from 'node:crypto';
import { ExecutionResult, ExecutionStatus, VerdictStatus, type Suite } from '@flowreasoner/contracts/sandbox';
import type { RunWorkflowRequest } from '@flowreasoner/contracts/workflow';
import { createSeededRandom, type ScriptedReply, type ScriptedRequest } from '@flowreasoner/testing';
import { workflowGrammar } from '@flowreasoner/workflow';
import { enrich } from '@flowreasoner/workflow/testing/enrich';
import { parseGbnf, sampleGbnf } from '@flowreasoner/workflow/testing/gbnf';
import { describe, expect, it } from 'vitest';
import type { Sandbox } from './ports.js';
import { startRunHarness, verdict, type FinishedRun } from './testing/run-harness.js';

const COUNT = process.env['FLOW_FULL'] === '1' ? 200 : 40;
const numberOf = (content: unknown): number =>
  createHash('sha256').update(JSON.stringify(content)).digest().readUInt32BE();

/** Answers by prompt and seed alone, after a time that puts the answers of a run in another order than its requests. */
function script({ body }: ScriptedRequest): ScriptedReply {
  const answers = Array.from({ length: body.n ?? 1 }, (_, sample) => {
    const number = numberOf([body.messages, (body.seed ?? 0) + sample]);
    return [
      `<solution_letter>${'ABC'[number % 3]}</solution_letter><feedback>${number % 5}</feedback>`,
      `<review_result>${number % 2 === 0 ? 'True' : 'False'}</review_result> The answer is ${number % 7}.`,
      `\`\`\`python\ndef solve(x=0):\n    return x + ${number % 4}\n\`\`\``,
    ].join('\n');
  });
  return { kind: 'answer', text: answers, firstByteDelayMs: numberOf(answers) % 4 };
}

/** Judges by the program alone. */
const sandbox: Sandbox = {
  grade: async (program) => {
    const passed = numberOf(program) % 3;
    const status = passed === 2 ? VerdictStatus.VERDICT_STATUS_PASSED : VerdictStatus.VERDICT_STATUS_FAILED;
    return verdict({ status, passed, total: 2, passRate: passed / 2 });
  },
  execute: async ({ source }) =>
    ExecutionResult.fromPartial({
      status: ExecutionStatus.EXECUTION_STATUS_EXITED,
      stdout: Buffer.from(String(numberOf(source.toString()) % 5)),
      wallMs: 1,
    }),
};

const visibleChecks: Suite = {
  suite: {
    $case: 'function',
    value: { entryPoint: 'solve', testCode: '', asserts: ['assert solve(1) == 2', 'assert solve(2) == 3'] },
  },
  integrity: 0,
  hidden: false,
};

/** A task with code and checks, or one that asks for an answer. */
const taskOf = (number: number): Partial<RunWorkflowRequest> =>
  number % 2 === 0
    ? { problem: 'def solve(x):\n    """Add one to x."""', entryPoint: 'solve', visibleChecks }
    : { problem: 'How many legs have 3 cats?' };

/** Programs of the grammar, every other one with richer expressions and statements in it. */
function randomPrograms(): string[] {
  const grammar = parseGbnf(workflowGrammar());
  const random = createSeededRandom(31);
  return Array.from({ length: COUNT }, (_, i) => {
    const plain = sampleGbnf(grammar, 'program', random);
    return i % 2 === 0 ? plain : enrich(plain, random);
  });
}

/** Keys of the requests that have finished. */
const keysOf = ({ events }: FinishedRun): string[] =>
  events
    .flatMap(({ event }) =>
      event?.$case === 'modelRequestFinished' || event?.$case === 'sandboxRequestFinished'
        ? (event.value.memo?.key ?? [])
        : [],
    )
    .sort();

/** What must not depend on the order of requests. */
function factsOf(run: FinishedRun): object {
  const { status, answer, errorType, message } = run.result;
  return { status, answer, errorType, message, keys: keysOf(run) };
}

/** Most operator calls that were at work at the same time. */
function mostAtOnce({ events }: FinishedRun): number {
  let [open, most] = [0, 0];
  for (const { event } of events) {
    if (event?.$case === 'operatorStarted') most = Math.max(most, (open += 1));
    if (event?.$case === 'operatorFinished') open -= 1;
  }
  return most;
}

const reachedSandbox = ({ events }: FinishedRun): boolean =>
  events.some(({ event }) => event?.$case === 'sandboxRequestFinished');

describe('a run with the same seed', () => {
  it(
    `gives the same on ${COUNT} random programs, one request at a time or many`,
    { timeout: 300_000 },
    async () => {
      await using harness = await startRunHarness({ script, sandbox });
      const programs = randomPrograms();
      const parallel: FinishedRun[] = [];
      for (const [i, source] of programs.entries()) {
        const request = { ...taskOf(i >> 1), source, seed: i + 1 };
        const [many, again, one] = await Promise.all(
          [16, 16, 1].map((concurrency) => {
            const limits = { steps: 0, operatorCalls: 0, wallMs: 0, concurrency, maxCompletionTokens: 0 };
            return harness.run({ ...request, limits });
          }),
        );
        if (many === undefined || again === undefined || one === undefined) throw new Error('no run');
        expect(factsOf(again), source).toEqual(factsOf(many));
        expect(factsOf(one), source).toEqual(factsOf(many));
        expect(mostAtOnce(one)).toBeLessThanOrEqual(1);
        parallel.push(many);
      }
      // Failures keep their names too, and programs whose calls never meet would show nothing.
      expect(new Set(parallel.map(({ result }) => result.status)).size).toBeGreaterThan(1);
      expect(parallel.filter((run) => mostAtOnce(run) > 1).length).toBeGreaterThan(COUNT / 4);
      expect(parallel.filter(reachedSandbox).length).toBeGreaterThan(COUNT / 8);
    },
  );
});
