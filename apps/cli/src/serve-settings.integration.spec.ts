import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type GradeAnswerRequest,
  type GradeAnswerResponse,
  GraderServiceService,
} from '@flowreasoner/contracts/evaluate';
import { service, startServer, unaryHandler, type RunningServer } from '@flowreasoner/rpc';
import { answer, startScriptedModelServer, type ScriptedModelServer } from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bufCurl, type CurlReply } from './testing/buf-curl.js';
import { FlowHome } from './testing/flow-process.js';
import { doubleProgram, doubleTask, hiddenTests, methods } from './testing/grpc-calls.js';
import { type ServedFlow, startServe } from './testing/serve-process.js';

// What `flow serve` may be told by its environment, and what it keeps from one start to the next.

let home: FlowHome;
let model: ScriptedModelServer;
let grader: RunningServer;
let served: ServedFlow | undefined;
/** Data of the judgements that the grader was asked for. */
const asked: string[] = [];

beforeAll(async () => {
  home = await FlowHome.create();
  model = await startScriptedModelServer({
    script: ({ body }) =>
      JSON.stringify(body.messages).includes('SILENCE')
        ? { kind: 'hang' }
        : answer(`\`\`\`python\n${doubleProgram}\`\`\``),
  });
  grader = await startServer({
    address: `unix:${join(home.folder, 'grader.sock')}`,
    services: [
      service(GraderServiceService, {
        gradeAnswer: unaryHandler<GradeAnswerRequest, GradeAnswerResponse>(({ data }) => {
          asked.push(Buffer.from(data).toString());
          return Promise.resolve({ score: 1, passed: true, feedback: '' });
        }),
      }),
    ],
  });
});

afterAll(async () => {
  await stop();
  await grader.drain(0);
  await model.close();
  await home.remove();
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<ServedFlow> {
  await stop();
  served = await startServe(home, ['--base-url', model.baseUrl, '--worker', 'scripted'], env);
  return served;
}

async function stop(): Promise<void> {
  served?.running.child.kill('SIGTERM');
  await served?.running.result;
  served = undefined;
}

function call(services: ServedFlow, name: string, method: string, request: object): Promise<CurlReply> {
  return bufCurl(services.addresses[name] ?? '', method, [request]);
}

describe('flow serve', () => {
  it('still scores by the hidden tests that it was given before it was started again', async () => {
    const put = await call(await start(), 'reward', methods.putTask, { hiddenTests });
    const task = put.messages[0]?.['task'];
    const again = await start();
    const sample = { sampleId: 's', answer: doubleProgram, valid: true, executed: true };
    const scored = await call(again, 'reward', methods.score, { task, sample });
    expect(scored.messages[0]).toMatchObject({
      score: { status: 'SCORE_STATUS_OK', passRates: { passed: 1 } },
    });
  });

  it('holds tenants to the quotas of its environment', async () => {
    const file = join(home.folder, 'quotas.json');
    await writeFile(file, '{"default": {"runsAtOnce": 1}}');
    const services = await start({ FLOW_SERVE_TENANT_QUOTAS_FILE: file });
    const create = (): Promise<CurlReply> =>
      call(services, 'meta-agent', methods.createRun, { task: { problem: 'SILENCE' } });
    expect((await create()).error).toBeUndefined();
    expect(JSON.stringify((await create()).error)).toContain('TENANT_RUNS');
    const poor = await start({ FLOW_SERVE_TENANT_USD_PER_DAY: '0' });
    const refused = await call(poor, 'meta-agent', methods.createRun, { task: doubleTask });
    expect(JSON.stringify(refused.error)).toContain('TENANT_BUDGET');
  });

  it('asks the graders of its environment', async () => {
    const graders = JSON.stringify({ lab: { address: [grader.address] } });
    const services = await start({ FLOW_SERVE_GRADERS: graders });
    const data = Buffer.from('what it needs').toString('base64');
    const answerChecks = { remote: { grader: 'lab', data } };
    const task = { problem: 'Who was first?', kind: 'TASK_KIND_QUESTION', answerChecks };
    const solved = await call(services, 'meta-agent', methods.solve, { task });
    expect(JSON.stringify(solved.messages.at(-1))).toContain('RUN_STATUS_SOLVED');
    expect(asked).toEqual(['what it needs']);
    const put = await call(services, 'reward', methods.putTask, { answerChecks });
    const sample = { sampleId: 's', answer: 'Ada', valid: true, executed: true };
    await call(services, 'reward', methods.score, { task: put.messages[0]?.['task'], sample });
    expect(asked).toEqual(['what it needs', 'what it needs']);
  });

  it('holds clients of HTTP to the limits of its environment', async () => {
    const { http, apiKey } = await start({
      FLOW_SERVE_REQUESTS_PER_MINUTE: '1',
      FLOW_SERVE_CORS_ORIGINS: 'https://app.example',
    });
    const ask = (): Promise<Response> =>
      fetch(`${http}/v1/models`, {
        headers: { authorization: `Bearer ${apiKey}`, origin: 'https://app.example' },
      });
    const first = await ask();
    expect([first.status, first.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'https://app.example',
    ]);
    expect((await ask()).status).toBe(429);
  });

  it.each([
    ['FLOW_SERVE_TENANT_USD_PER_DAY', 'much'],
    ['FLOW_SERVE_TENANT_USD_A_DAY', '5'],
    ['FLOW_SERVE_GRADERS', '{"lab": {"adress": []}}'],
    ['FLOW_SERVE_GRADERS', '{"lab": {}}'],
    ['FLOW_SERVE_TENANT_QUOTAS_FILE', '/nowhere/quotas.json'],
  ])('refuses %s=%s at once and names it, with 64', async (variable, value) => {
    await stop();
    const result = await home.run(['serve', '--base-url', model.baseUrl, '--worker', 'scripted'], {
      env: { [variable]: value },
    });
    expect(result.code).toBe(64);
    expect(result.stderr).toContain(variable);
    expect(result.stderr).not.toMatch(/\n\s+at .+:\d+:\d+/);
  });
});
