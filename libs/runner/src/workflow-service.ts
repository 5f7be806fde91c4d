import {
  WorkflowServiceService,
  type RunWorkflowRequest,
  type RunWorkflowResponse,
} from '@flowreasoner/contracts/workflow';
import {
  serverStreamHandler,
  service,
  unaryHandler,
  type CallContext,
  type Service,
} from '@flowreasoner/rpc';
import { handleCheckWorkflow } from './handlers/check-workflow.js';
import { handleGetGrammar } from './handlers/get-grammar.js';
import { handleListOperators } from './handlers/list-operators.js';
import type { PromptStyle, RunnerPorts } from './ports.js';
import { runWorkflow, type RunWorkflowOptions } from './run/run-workflow.js';

/** Full name of the streaming method, for its deadline. */
export const RUN_WORKFLOW_METHOD = '/flowreasoner.workflow.v1.WorkflowService/RunWorkflow';

/** How a workflow service is made; what is left out has its default. */
export interface WorkflowServiceOptions {
  /** Prompt styles by endpoint name. Default: `continue` for servers of our own, `chat` for others. */
  readonly promptStyles?: ReadonlyMap<string, PromptStyle>;
}

/** Makes the workflow service, ready for `startServer`. It keeps nothing between calls. */
export function createWorkflowService(ports: RunnerPorts, options: WorkflowServiceOptions = {}): Service {
  const run: RunWorkflowOptions = { ports, promptStyles: options.promptStyles ?? new Map() };
  return service(WorkflowServiceService, {
    checkWorkflow: unaryHandler(async (request) => handleCheckWorkflow(request)),
    getGrammar: unaryHandler(async (request) => handleGetGrammar(request)),
    listOperators: unaryHandler(async (request) => handleListOperators(request)),
    runWorkflow: serverStreamHandler((request, call) => stream(run, request, call)),
  });
}

async function* stream(
  options: RunWorkflowOptions,
  request: RunWorkflowRequest,
  call: CallContext,
): AsyncGenerator<RunWorkflowResponse> {
  for await (const event of runWorkflow(options, request, call)) yield { event };
}
