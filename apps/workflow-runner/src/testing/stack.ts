import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import {
  RunWorkflowRequest,
  WorkflowServiceClient,
  type MemoEntry,
  type WorkflowEvent,
  type WorkflowResult,
} from '@flowreasoner/contracts/workflow';
import type { ModelEndpointInput } from '@flowreasoner/model';
import { createClient, serverStream, waitForReady, type CallOptions } from '@flowreasoner/rpc';
import {
  startApp,
  startScriptedModelServer,
  type AppProcess,
  type Script,
  type ScriptedModelServer,
} from '@flowreasoner/testing';

/** The workflow-runner and the sandbox as processes, with a scripted model server behind them. */
export interface Stack extends AsyncDisposable {
  readonly models: ScriptedModelServer;
  /** The workflow-runner at work; another one after {@link Stack.replaceRunner}. */
  readonly runner: AppProcess;
  /** Kills the workflow-runner and starts another one. */
  replaceRunner(): Promise<void>;
  /** Runs a workflow and gives its events as they come; the request may leave fields out. */
  run(request: Partial<RunWorkflowRequest>, options?: CallOptions): AsyncGenerator<WorkflowEvent>;
}

/**
 * Starts the processes; dispose of them.
 *
 * @param endpointOptions what the endpoint of the model server has besides its defaults
 */
export async function startStack(
  script: Script,
  endpointOptions: Partial<ModelEndpointInput> = {},
): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'workflow-runner-'));
  const models = await startScriptedModelServer({ script });
  const sandboxAddress = `unix:${join(folder, 'sandbox.sock')}`;
  const sandbox = startApp('sandbox', { env: { FLOW_SANDBOX_ADDRESS: sandboxAddress } });
  const sandboxClient = createClient(SandboxServiceClient, { address: sandboxAddress });
  // Its boot checks take seconds, which are not those of a test.
  await waitForReady(sandboxClient, 60_000);
  sandboxClient.close();
  const endpoint = {
    name: 'scripted',
    baseUrl: models.baseUrl,
    defaultModel: 'scripted',
    local: true,
    promptStyle: 'chat',
    concurrency: 64,
    maxRetries: 0,
    ...endpointOptions,
  };
  let [runner, client] = await startRunner(0);
  return {
    models,
    get runner() {
      return runner;
    },
    async replaceRunner() {
      await runner.kill();
      client.close();
      [runner, client] = await startRunner(Number(runner.child.pid));
    },
    async *run(request, options) {
      const whole = RunWorkflowRequest.fromPartial({ seed: 1, ...request });
      for await (const { event } of serverStream(client, 'runWorkflow', whole, options)) {
        if (event !== undefined) yield event;
      }
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await Promise.all([runner.stop(), sandbox.stop(), models.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function startRunner(number: number): Promise<[AppProcess, WorkflowServiceClient]> {
    const address = `unix:${join(folder, `runner-${number}.sock`)}`;
    const child = startApp('workflow-runner', {
      env: {
        FLOW_WORKFLOW_RUNNER_ADDRESS: address,
        FLOW_WORKFLOW_RUNNER_SANDBOX_ADDRESS: sandboxAddress,
        FLOW_MODEL_ENDPOINTS: JSON.stringify([endpoint]),
      },
    });
    const service = createClient(WorkflowServiceClient, { address });
    await waitForReady(service, 20_000);
    return [child, service];
  }
}

/** What a run has finished so far: its memo. */
export function memoOf(events: readonly WorkflowEvent[]): MemoEntry[] {
  return events.flatMap((event) => {
    const entry = memoEntryOf(event);
    return entry === undefined ? [] : [entry];
  });
}

/** The memo entry of a model or sandbox request that has finished; undefined for any other event. */
export function memoEntryOf({ event }: WorkflowEvent): MemoEntry | undefined {
  return event?.$case === 'modelRequestFinished' || event?.$case === 'sandboxRequestFinished'
    ? event.value.memo
    : undefined;
}

/** The result of a run that was read to its end. */
export function resultOf(events: readonly WorkflowEvent[]): WorkflowResult {
  const last = events.at(-1)?.event;
  if (last?.$case !== 'finished') throw new Error('the last event is not the result');
  return last.value;
}
