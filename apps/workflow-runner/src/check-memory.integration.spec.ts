import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckWorkflowRequest, WorkflowServiceClient } from '@flowreasoner/contracts/workflow';
import { createClient, unary, waitForReady } from '@flowreasoner/rpc';
import { startApp, type AppProcess } from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Heap that the service gets; without a bound on what a source can take it would die of these. */
const HEAP_MIB = 256;
/** The greatest source that is accepted, bytes. */
const CAP = 128 * 1024;

const method = (body: string): string =>
  `class W:\n    async def __call__(self, problem):\n${body}\n        return (await self.custom(input=problem))["response"]\n`;
const filled = (line: string): string =>
  method(`        ${line}\n`.repeat(Math.floor((CAP - 200) / (line.length + 9))).trimEnd());
const nested = (open: string, close: string): string => {
  const depth = Math.floor((CAP - 200) / (open.length + close.length));
  return method(`        x = ${open.repeat(depth)}1${close.repeat(depth)}`);
};
const deeper = (line: (depth: number) => string): string => {
  let text = '';
  for (let depth = 0; text.length < CAP - 600; depth += 1) text += `${' '.repeat(8 + depth)}${line(depth)}\n`;
  return method(text.trimEnd());
};

/** Sources just below the cap that make the most of it. */
const GREEDY: Readonly<Record<string, string>> = {
  'unknown names': filled('y'),
  'unknown operators': filled('await self.no()'),
  'unused results': filled('a = 1'),
  'operator calls': filled('r = await self.custom(input=problem)'),
  parentheses: nested('(', ')'),
  lists: nested('[', ']'),
  calls: nested('str(', ')'),
  negations: nested('not ', ''),
  'formatted strings': filled('s = f"{problem!r:>{len(problem)}}"'),
  'nested loops': deeper((depth) => `for i${depth} in range(9):`),
  'nested conditions': deeper(() => 'if problem:'),
  'nested functions': deeper((depth) => `def f${depth}(x):`),
  comprehensions: nested('[x for x in ', ']'),
  'one sum': method(`        x = ${'1+'.repeat(60_000)}1`),
  'one string': method(`        x = "${'é'.repeat(60_000)}"`),
  'one name': method(`        ${'n'.repeat(120_000)} = 1`),
  'attribute chain': method(`        x = problem${'.a'.repeat(60_000)}`),
  junk: '\u{1F600}'.repeat(32_000),
  'open brackets': '([{'.repeat(40_000),
  'open quotes': `"""'`.repeat(30_000),
};

let folder: string;
let runner: AppProcess;
let client: WorkflowServiceClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'check-memory-'));
  const address = `unix:${join(folder, 'runner.sock')}`;
  runner = startApp('workflow-runner', {
    env: {
      NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`,
      FLOW_WORKFLOW_RUNNER_ADDRESS: address,
      FLOW_WORKFLOW_RUNNER_SANDBOX_ADDRESS: `unix:${join(folder, 'sandbox.sock')}`,
    },
  });
  client = createClient(WorkflowServiceClient, { address });
  await waitForReady(client, 20_000);
});

afterAll(async () => {
  client.close();
  expect(await runner.stop()).toBe(0);
  await rm(folder, { recursive: true, force: true });
});

describe(`a runner with a heap of ${HEAP_MIB} MiB`, () => {
  it.each(Object.entries(GREEDY))('checks %s, four at a time', async (_, source) => {
    expect(Buffer.byteLength(source)).toBeLessThanOrEqual(CAP);
    const request = CheckWorkflowRequest.fromPartial({ source });
    const answers = Array.from({ length: 4 }, () => unary(client, 'checkWorkflow', request));
    for (const { valid, diagnostics } of await Promise.all(answers)) {
      expect(valid || diagnostics.length > 0).toBe(true);
    }
    expect(runner.child.exitCode).toBeNull();
  });
});
