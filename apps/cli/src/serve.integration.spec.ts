import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { answer, type ScriptedModelServer, startScriptedModelServer } from '@flowreasoner/testing';
import { bufCurl, type CurlReply, listMethods, startBufCurl } from './testing/buf-curl.js';
import { FlowHome } from './testing/flow-process.js';
import {
  addressNames,
  calls,
  type CallSubjects,
  doubleProgram,
  doubleTask,
  hiddenTests,
  methods,
  mismatch,
  singleCall,
} from './testing/grpc-calls.js';
import { freePorts, type ServedFlow, startServe } from './testing/serve-process.js';

// `flow serve` as it is built, called with a client that is not ours; only the model is scripted.

/** Word in a query at which the model falls silent. */
const silence = 'SILENCE';
/** Time within which an abandoned model request must be given up, in milliseconds. */
const abortMs = 1000;

let home: FlowHome;
let model: ScriptedModelServer;
let served: ServedFlow;
let subjects: CallSubjects;

/** Address that answers a method. */
function addressOf(method: string): string {
  return served.addresses[addressNames[method.split('/')[0] ?? ''] ?? ''] ?? '';
}

function call(method: string, ...requests: object[]): Promise<CurlReply> {
  return bufCurl(addressOf(method), method, requests);
}

function start(method: string, request: object): ReturnType<typeof startBufCurl> {
  return startBufCurl(addressOf(method), method, [request]);
}

const modelArgs = (): string[] => ['--base-url', model.baseUrl, '--worker', 'scripted'];

beforeAll(async () => {
  home = await FlowHome.create();
  model = await startScriptedModelServer({
    script: ({ body }) =>
      JSON.stringify(body.messages).includes(silence)
        ? { kind: 'hang' }
        : answer(`\`\`\`python\n${doubleProgram}\`\`\``),
  });
  served = await startServe(home, modelArgs());
  const solved = await call(methods.solve, { task: doubleTask });
  const put = await call(methods.putTask, { hiddenTests });
  const key = await call(methods.createKey, { displayName: 'to be revoked' });
  subjects = {
    run: (solved.messages[0]?.['event'] as { run: string }).run,
    task: String(put.messages[0]?.['task']),
    key: (key.messages[0]?.['key'] as { name: string }).name,
    apiKey: served.apiKey,
  };
});

afterAll(async () => {
  served.running.child.kill('SIGTERM');
  await served.running.result;
  await model.close();
  await home.remove();
});

describe('every method of every service', () => {
  it('is called below, and served', async () => {
    // HostService is answered by the embedded host, on its private socket; GraderService by others.
    const elsewhere = /^flowreasoner\.(host|evaluate)\./;
    const declared = (await listMethods()).filter((method) => !elsewhere.test(method));
    expect(Object.keys(calls).sort()).toEqual(declared);
    const reflected = await Promise.all(
      Object.values(served.addresses).map((address) => listMethods(address)),
    );
    expect(reflected.flat().sort()).toEqual(declared);
  });

  it.each(Object.entries(calls))(
    '%s answers, or refuses with a status and details',
    async (method, expected) => {
      expect(mismatch(await call(method, ...expected.requests(subjects)), expected.outcome)).toBeUndefined();
      expect(mismatch(await call(method, {}), expected.empty)).toBeUndefined();
    },
  );

  it('can be called by reflection alone', async () => {
    const reply = await bufCurl(
      addressOf(methods.getRun),
      methods.getRun,
      [{ name: subjects.run }],
      'reflection',
    );
    expect(reply.error).toBeUndefined();
    expect(reply.messages[0]).toMatchObject({ run: { name: subjects.run, state: 'RUN_STATE_FINISHED' } });
  });
});

describe('a model that is not there', () => {
  it.each([methods.runWorkflow, methods.solve])('is named by %s, with those that are', async (method) => {
    const worker = { endpoint: 'nowhere', model: 'x' };
    const request =
      method === methods.solve
        ? { task: doubleTask, options: { worker } }
        : { source: singleCall, problem: doubleTask.problem, entryPoint: 'double', worker };
    const reply = JSON.stringify(await call(method, request));
    expect(reply).toContain('there is no model endpoint \\"nowhere\\"');
    expect(reply).not.toContain('SUCCEEDED');
  });
});

describe('a caller that goes away', () => {
  it('in the middle of RunWorkflow takes its model request with it, and the service goes on', async () => {
    const request = { source: singleCall, problem: doubleTask.problem, entryPoint: 'double' };
    const { aborted } = model.counts();
    const abandoned = start(methods.runWorkflow, { ...request, problem: silence });
    await abandoned.until('modelRequestStarted');
    await model.until(({ received, finished, aborted: gone }) => received > finished + gone);
    const leftAt = Date.now();
    await abandoned.kill();
    await model.until((counts) => counts.aborted > aborted);
    expect(Date.now() - leftAt).toBeLessThan(abortMs);
    expect(JSON.stringify((await call(methods.runWorkflow, request)).messages.at(-1))).toContain('SUCCEEDED');
  });

  it('in the middle of Solve has its run cancelled', async () => {
    const { aborted } = model.counts();
    const abandoned = start(methods.solve, { task: { problem: silence } });
    await abandoned.until('modelRequestStarted');
    const leftAt = Date.now();
    await abandoned.kill();
    await model.until((counts) => counts.aborted > aborted);
    expect(Date.now() - leftAt).toBeLessThan(abortMs);
    const { messages } = await call(methods.listRuns, { pageSize: 1 });
    const [run] = messages[0]?.['runs'] as { name: string }[];
    const watched = await call(methods.watchRun, { name: run?.name });
    expect(JSON.stringify(watched.messages.at(-1))).toContain('RUN_STATUS_CANCELLED');
  });

  it('in the middle of WatchRun leaves the run alone', async () => {
    const created = await call(methods.createRun, { task: { problem: silence } });
    const { name } = created.messages[0]?.['run'] as { name: string };
    const abandoned = start(methods.watchRun, { name });
    await abandoned.until('modelRequestStarted');
    await abandoned.kill();
    const found = await call(methods.getRun, { name });
    expect(found.messages[0]).toMatchObject({ run: { state: 'RUN_STATE_RUNNING' } });
    expect((await call(methods.cancelRun, { name })).error).toBeUndefined();
  });
});

describe('other commands while flow serve has the store', () => {
  it.each([
    ['flow solve', () => ['solve', '--query', 'hi', ...modelArgs()]],
    ['flow serve', () => ['serve', ...modelArgs()]],
  ])('%s says who has it and what to do, with 64', async (_name, args) => {
    const startedAt = Date.now();
    const result = await home.run(args());
    // It does not wait for a store that nobody will give back soon, which takes 30 s.
    expect(Date.now() - startedAt).toBeLessThan(25_000);
    expect(result.code).toBe(64);
    expect(result.stderr).toContain(`flow serve (process ${served.running.child.pid}) has the store`);
    expect(result.stderr).toContain('FLOW_HOME');
    expect(result.stderr).not.toMatch(/\n\s+at .+:\d+:\d+/);
  });

  it('flow runs asks it for its runs', async () => {
    const created = await call(methods.createRun, { task: { id: 'asked', problem: 'What is one and one?' } });
    const { name } = created.messages[0]?.['run'] as { name: string };
    const result = await home.run(['runs', 'list', '--task', 'asked', '--json']);
    expect(result.code).toBe(0);
    expect(result.lines).toEqual([expect.objectContaining({ run: name })]);
  });

  it('flow solve --server lets it do the work, as the hint says', async () => {
    const taskFile = join(home.folder, 'task.json');
    const hidden_tests = 'def check(candidate):\n    assert candidate(7) == 14\n';
    await writeFile(
      taskFile,
      JSON.stringify({ id: 'double', ...doubleTask, entry_point: 'double', hidden_tests }),
    );
    const refused = await home.run(['solve', '--query', 'hi', '--json', ...modelArgs()]);
    const [, server = ''] = /--server (\S+)\)/.exec(String(refused.lines[0]?.['hint'])) ?? [];
    const result = await home.run(['solve', '--task', taskFile, '--json', '--server', server]);
    expect(result.code).toBe(0);
    expect(result.lines.at(-1)).toMatchObject({ status: 'solved', hidden: { passed: 1, total: 1 } });
  });
});

describe('flow serve on another store', () => {
  let other: FlowHome;
  beforeAll(async () => {
    other = await FlowHome.create();
  });
  afterAll(() => other.remove());

  it('says which port is taken, with 69, and leaves nothing behind', async () => {
    const port = served.addresses['meta-agent']?.split(':')[1] ?? '';
    const result = await other.run(['serve', '--port', port, ...modelArgs()]);
    expect(result.code).toBe(69);
    expect(result.stderr).toContain('another process listens on it');
    expect(await other.processes()).toEqual([]);
  });

  it('waits for a command that is about to give the store back', async () => {
    const listed = await other.run(['runs', 'list']);
    expect(listed.code).toBe(0);
    const { running } = await startServe(other, modelArgs());
    running.child.kill('SIGTERM');
    expect((await running.result).code).toBe(143);
  });

  it('ends with 130 at Ctrl-C, its runs cancelled, and gives the store back', async () => {
    const { running, addresses } = await startServe(other, modelArgs());
    const solving = startBufCurl(addresses['meta-agent'] ?? '', methods.solve, [
      { task: { problem: silence } },
    ]);
    await solving.until('modelRequestStarted');
    const interruptedAt = Date.now();
    running.child.kill('SIGINT');
    expect((await running.result).code).toBe(130);
    expect(Date.now() - interruptedAt).toBeLessThan(5000);
    expect(await other.processes()).toEqual([]);
    await solving.reply;
    const runs = await other.run(['runs', 'list', '--json']);
    expect(runs.lines[0]).toMatchObject({ state: 'cancelled' });
  });

  it('ends with 130 at Ctrl-C before it is ready', async () => {
    const running = other.start(['serve', '--json', '--port', String(await freePorts(5)), ...modelArgs()]);
    const holder = join(other.folder, 'store', 'holder.json');
    // From here on it has the store and starts the services; a command before it has left the same file.
    await vi.waitFor(async () => expect(await readFile(holder, 'utf8')).toContain('"kind":"serve"'), {
      timeout: 20_000,
      interval: 10,
    });
    const interruptedAt = Date.now();
    running.child.kill('SIGINT');
    const { code, stdout } = await running.result;
    expect(code).toBe(130);
    // A store that is being made is finished first; the sandbox is not waited for, which may take 30 s.
    expect(Date.now() - interruptedAt).toBeLessThan(20_000);
    expect(stdout).not.toContain('INTERNAL');
    expect(await other.processes()).toEqual([]);
  });

  it('does not listen beyond this machine, where anybody could use it', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1']) {
      const result = await other.run(['serve', '--host', host]);
      expect(result.code).toBe(64);
      expect(result.stderr).toContain('asks for no credentials');
    }
  });

  it('refuses ports that do not exist', async () => {
    const result = await home.run(['serve', '--port', '65533']);
    expect(result.code).toBe(64);
    expect(result.stderr).toContain('65531');
  });

  it('that was killed leaves no process, and a store that the next command opens', async () => {
    const { running } = await startServe(other, modelArgs());
    running.child.kill('SIGKILL');
    await running.result;
    await vi.waitFor(async () => expect(await other.processes()).toEqual([]), {
      timeout: 5000,
      interval: 50,
    });
    expect((await other.run(['runs', 'list'])).code).toBe(0);
  });
});
