import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Verdict } from '@flowreasoner/contracts/sandbox';
import {
  WorkflowServiceClient,
  type RunWorkflowRequest,
  type RunWorkflowResponse,
  type WorkflowEvent,
  type WorkflowResult,
} from '@flowreasoner/contracts/workflow';
import { createModelClient, type ModelEndpointInput } from '@flowreasoner/model';
import { createClient, serverStream, startServer, type CallOptions } from '@flowreasoner/rpc';
import { createLogger } from '@flowreasoner/telemetry';
import {
  startScriptedModelServer,
  type ScriptedModelServer,
  type ScriptedModelServerOptions,
} from '@flowreasoner/testing';
import { systemClock } from '../adapters/system-clock.js';
import type { Sandbox } from '../ports.js';
import { createWorkflowService } from '../workflow-service.js';

/** A workflow service on a socket of its own with a scripted model behind it. */
export interface RunHarness extends AsyncDisposable {
  readonly client: WorkflowServiceClient;
  readonly models: ScriptedModelServer;
  /** Runs a workflow and gives all of its events; the result is the last one's. */
  run(request: Partial<RunWorkflowRequest>, options?: CallOptions): Promise<FinishedRun>;
}

/** The events of a run. */
export interface FinishedRun {
  readonly events: readonly WorkflowEvent[];
  readonly result: WorkflowResult;
}

/** How a harness is made. */
export interface RunHarnessOptions {
  readonly script: ScriptedModelServerOptions['script'];
  readonly sandbox?: Sandbox;
  readonly endpoint?: Partial<ModelEndpointInput>;
}

/** A sandbox for runs that never reach it. */
export const noSandbox: Sandbox = {
  grade: () => Promise.reject(new Error('this test has no sandbox')),
  execute: () => Promise.reject(new Error('this test has no sandbox')),
};

/** Starts a harness; dispose of it. */
export async function startRunHarness(options: RunHarnessOptions): Promise<RunHarness> {
  const models = await startScriptedModelServer({ script: options.script });
  const endpoint = {
    name: 'scripted',
    baseUrl: models.baseUrl,
    defaultModel: 'scripted',
    local: true,
    concurrency: 64,
    maxRetries: 0,
    promptStyle: 'chat' as const,
    ...options.endpoint,
  };
  const modelClient = createModelClient({ endpoints: [endpoint] });
  const folder = mkdtempSync(join(tmpdir(), 'runner-'));
  const address = `unix:${join(folder, 'runner.sock')}`;
  const server = await startServer({
    address,
    services: [
      createWorkflowService({
        models: modelClient,
        sandbox: options.sandbox ?? noSandbox,
        clock: systemClock,
      }),
    ],
    logger: createLogger({ service: 'runner-test', version: '0', level: 'fatal' }),
  });
  const client = createClient(WorkflowServiceClient, { address });
  return {
    client,
    models,
    run: (request, callOptions) => collect(client, request, callOptions),
    async [Symbol.asyncDispose]() {
      client.close();
      await server.drain(0);
      await modelClient.close();
      await models.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function collect(
  client: WorkflowServiceClient,
  request: Partial<RunWorkflowRequest>,
  options: CallOptions = {},
): Promise<FinishedRun> {
  const events: WorkflowEvent[] = [];
  const responses: AsyncIterable<RunWorkflowResponse> = serverStream(
    client,
    'runWorkflow',
    runRequest(request),
    options,
  );
  for await (const { event } of responses) if (event !== undefined) events.push(event);
  const last = events.at(-1)?.event;
  if (last?.$case !== 'finished') throw new Error('the last event is not the result');
  return { events, result: last.value };
}

/** A whole request from the fields that matter. */
export function runRequest(fields: Partial<RunWorkflowRequest>): RunWorkflowRequest {
  return {
    source: '',
    prompts: '',
    problem: 'What is six times seven?',
    entryPoint: '',
    visibleChecks: undefined,
    worker: undefined,
    mode: 0,
    seed: 1,
    limits: undefined,
    budget: undefined,
    memo: [],
    streamTokens: false,
    temperature: undefined,
    ...fields,
  };
}

/** A workflow of AFlow's form around the body of `__call__`. */
export function workflow(body: string): string {
  const lines = body.trim().split('\n');
  return [
    'class Workflow:',
    '    def __init__(self, name, llm_config, dataset):',
    '        self.name = name',
    '        self.dataset = dataset',
    '        self.llm = create_llm_instance(llm_config)',
    '        self.custom = operator.Custom(self.llm)',
    '        self.custom_code_generate = operator.CustomCodeGenerate(self.llm)',
    '        self.sc_ensemble = operator.ScEnsemble(self.llm)',
    '        self.test = operator.Test(self.llm)',
    '',
    '    async def __call__(self, problem: str, entry_point: str = ""):',
    ...lines.map((line) => `        ${line}`),
    '',
  ].join('\n');
}

/** A verdict with what matters set. */
export function verdict(fields: Partial<Verdict>): Verdict {
  return {
    status: 1,
    integrity: 1,
    passed: 0,
    total: 0,
    passRate: 0,
    cases: [],
    message: '',
    wallMs: 5,
    cpuMs: 5,
    backend: 'test',
    isolations: [],
    ...fields,
  };
}
