import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { answer, failure, type ScriptedReply, startScriptedModelServer } from '@flowreasoner/testing';
import { FlowHome, type FlowResult } from './testing/flow-process.js';

// The built command line, its host, a real jail and a store of its own; only the model is scripted.

const task = {
  id: 'double',
  kind: 'code',
  problem:
    'def double(x):\n    """Return twice x.\n\n    >>> double(2)\n    4\n    >>> double(5)\n    10\n    """\n',
  entry_point: 'double',
  hidden_tests:
    'def check(candidate):\n    assert candidate(7) == 14\n    assert candidate("SECRET") == "SECRETSECRET"\n',
};
const right = '```python\ndef double(x):\n    return x * 2\n```';
const wrong = '```python\ndef double(x):\n    return x + 2\n```';

let home: FlowHome;
let taskFile: string;
const servers: { close(): Promise<void> }[] = [];

async function model(script: ScriptedReply[] | (() => ScriptedReply)): Promise<string[]> {
  const server = await startScriptedModelServer({ script });
  servers.push(server);
  return ['--base-url', server.baseUrl, '--worker', 'scripted'];
}

function last(result: FlowResult): Readonly<Record<string, unknown>> {
  return result.lines.at(-1) ?? {};
}

function expectNoTrace(result: FlowResult): void {
  expect(result.stdout + result.stderr).not.toMatch(/\n\s+at .+\(.+:\d+:\d+\)/);
}

beforeAll(async () => {
  home = await FlowHome.create();
  taskFile = join(home.folder, 'task.json');
  await writeFile(taskFile, JSON.stringify(task));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(() => home.remove());

describe('flow solve', () => {
  it('solves a task, scores it by hidden tests and prints the documented last line', async () => {
    const result = await home.run([
      'solve',
      '--task',
      taskFile,
      '--json',
      ...(await model(() => answer(right))),
    ]);
    expect(result.stderr).toBe('');
    expect(result.code).toBe(0);
    expect(last(result)).toMatchObject({
      event: 'result',
      status: 'solved',
      visible: { passed: 2, total: 2 },
      feedback_source: 'query_examples',
      rounds: 1,
      hidden: { passed: 2, total: 2 },
    });
    expect(last(result)['answer']).toContain('return x * 2');
    expect(last(result)['workflow']).toContain('class');
    // The price of a model that nobody named a price for is unknown, not 0.
    expect(last(result)['usage']).toMatchObject({ model_calls: 1, cost_usd: null });
    expect(result.stdout).not.toContain('SECRET');
  });

  it('goes on for another round when the first answer fails, and says what failed', async () => {
    let calls = 0;
    const args = await model(() => answer((calls += 1) === 1 ? wrong : right));
    const result = await home.run(['solve', '--task', taskFile, '--policy', 'search', '--json', ...args]);
    expect(result.code).toBe(0);
    const rounds = result.lines.filter(({ event }) => event === 'round_evaluated');
    expect(rounds.length).toBeGreaterThan(1);
    expect(rounds[0]).toMatchObject({ visible: { passed: 1, total: 2 } });
    expect(String(rounds[0]?.['feedback'])).toContain('double(5)');
  });

  it('ends with 2 when nothing passes', async () => {
    const args = await model(() => answer(wrong));
    const result = await home.run([
      'solve',
      '--task',
      taskFile,
      '--policy',
      'search',
      '--max-rounds',
      '2',
      '--json',
      ...args,
    ]);
    expect(last(result)).toMatchObject({ event: 'result', status: 'unsolved', rounds: 2 });
    expect(result.code).toBe(2);
  });

  it('answers a question on standard input and prints the answer alone on standard output', async () => {
    const args = await model(() => answer('Paris'));
    const result = await home.run(['solve', '--policy', 'fixed:single', ...args], {
      input: 'Capital of France?',
    });
    expect(result.code).toBe(0);
    expect(result.stdout.trim()).toBe('Paris');
  });

  it('lets two commands work at once on one store', async () => {
    const args = await model(() => answer(right));
    const results = await Promise.all(
      [1, 2].map(() => home.run(['solve', '--task', taskFile, '--json', ...args])),
    );
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    const runs = await home.run(['runs', 'list', '--json']);
    const names = runs.lines.map(({ run }) => run);
    for (const result of results) expect(names).toContain(last(result)['run']);
  });
});

describe('flow solve with input that is no task', () => {
  it.each([
    ['nothing', '', 'the query is empty'],
    ['5 MB', 'a'.repeat(5_000_000), '1048576'],
    ['bytes that are not UTF-8', Uint8Array.of(0xff, 0xfe, 0x00), 'not UTF-8'],
  ])('refuses %s with 64', async (_name, input, words) => {
    const result = await home.run(['solve'], { input });
    expect(result.code).toBe(64);
    expect(result.stderr).toContain(words);
    expectNoTrace(result);
  });

  it('says it as a line of JSON with --json', async () => {
    const result = await home.run(['solve', '--task', '/nowhere/task.json', '--json']);
    expect(result.code).toBe(64);
    expect(last(result)).toMatchObject({
      event: 'error',
      code: 'INVALID_ARGUMENT',
      reason: 'FILE_UNREADABLE',
    });
  });

  it('refuses a policy that does not exist, and names those that do', async () => {
    const args = await model(() => answer(right));
    const result = await home.run(['solve', '--task', taskFile, '--policy', 'fixed:nonsense', ...args]);
    expect(result.code).toBe(64);
    expect(result.stderr).toContain('single');
    expectNoTrace(result);
  });
});

describe('flow solve with a model endpoint that fails', () => {
  it('ends with 69 when nothing listens there', async () => {
    const args = ['--base-url', 'http://127.0.0.1:9/v1', '--worker', 'm', '--deadline', '60s'];
    const result = await home.run(['solve', '--task', taskFile, '--json', ...args], {
      env: { OPENAI_API_KEY: 'sk-secret-key' },
    });
    expect(result.code).toBe(69);
    expect(last(result)).toMatchObject({ status: 'unavailable', reason: 'MODEL_UNREACHABLE' });
    expect(result.stdout + result.stderr).not.toContain('sk-secret-key');
    expectNoTrace(result);
  });

  it('ends with 69 when it answers garbage', async () => {
    const args = await model(() => ({ kind: 'garbage', body: 'hello', contentType: 'text/plain' }));
    const result = await home.run(['solve', '--task', taskFile, '--json', '--deadline', '60s', ...args]);
    expect(result.code).toBe(69);
    expect(last(result)).toMatchObject({ status: 'unavailable' });
    expectNoTrace(result);
  });

  it('ends with 69 when the key is refused, and does not print it', async () => {
    const args = await model(() => failure(401));
    const result = await home.run(['solve', '--task', taskFile, ...args], {
      env: { OPENAI_API_KEY: 'sk-secret-key' },
    });
    expect(result.code).toBe(69);
    expect(result.stdout + result.stderr).not.toContain('sk-secret-key');
    expectNoTrace(result);
  });

  it('asks again when an answer breaks off half-way', async () => {
    let calls = 0;
    const broken = answer(right, { fault: { kind: 'cut', afterChunks: 2 } });
    const args = await model(() => ((calls += 1) === 1 ? broken : answer(right)));
    const result = await home.run(['solve', '--task', taskFile, '--json', ...args]);
    expect(result.code).toBe(0);
    expect(last(result)).toMatchObject({ status: 'solved' });
    expect(calls).toBe(2);
  });

  it('waits for one that is slow', async () => {
    const args = await model(() => answer(right, { firstByteDelayMs: 1500, chunkDelayMs: 20 }));
    const result = await home.run(['solve', '--task', taskFile, '--json', ...args]);
    expect(result.code).toBe(0);
    expect(last(result)).toMatchObject({ status: 'solved' });
  });

  it('ends with 75 at the deadline when it never answers', async () => {
    const args = await model(() => ({ kind: 'hang' }));
    const result = await home.run(['solve', '--task', taskFile, '--deadline', '1500ms', '--json', ...args]);
    expect(result.code).toBe(75);
    expect(last(result)).toMatchObject({ status: 'deadline', stop_reason: 'deadline' });
  });

  it('ends with 75 when the budget holds no single request', async () => {
    const args = await model(() => answer(right));
    const result = await home.run(['solve', '--task', taskFile, '--budget-tokens', '5', '--json', ...args]);
    expect(result.code).toBe(75);
    expect(last(result)).toMatchObject({ status: 'budget' });
  });
});

describe('a command that is interrupted', () => {
  it('cancels its run, says so with 130 and leaves no process', async () => {
    const args = await model(() => ({ kind: 'hang' }));
    const running = home.start(['solve', '--task', taskFile, '--json', ...args]);
    await running.until('"workflow_proposed"');
    const killedAt = Date.now();
    running.child.kill('SIGINT');
    const result = await running.result;
    expect(result.code).toBe(130);
    expect(last(result)).toMatchObject({ event: 'result', status: 'cancelled' });
    while ((await home.processes()).length > 0 && Date.now() - killedAt < 10_000)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(Date.now() - killedAt).toBeLessThan(2000);
    const shown = await home.run(['runs', 'show', String(last(result)['run']), '--json']);
    expect(shown.lines[0]).toMatchObject({ state: 'cancelled' });
  });

  it('loses nothing when it is killed: the run is on record and the next command works', async () => {
    const running = home.start([
      'solve',
      '--task',
      taskFile,
      '--json',
      ...(await model(() => ({ kind: 'hang' }))),
    ]);
    await running.until('"workflow_proposed"');
    running.child.kill('SIGKILL');
    const { lines } = await running.result;
    const run = String(lines[0]?.['run']);
    const next = await home.run([
      'solve',
      '--task',
      taskFile,
      '--json',
      ...(await model(() => answer(right))),
    ]);
    expect(next.code).toBe(0);
    const shown = await home.run(['runs', 'show', run, '--json']);
    expect(shown.lines[0]).toMatchObject({ state: expect.stringMatching(/^(cancelled|failed)$/) as string });
  });
});
