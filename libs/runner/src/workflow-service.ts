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
import type { RunnerPorts } from './ports.js';
import { runWorkflow } from './run/run-workflow.js';

/** Full name of the streaming method, for its deadline. */
export const RUN_WORKFLOW_METHOD = '/flowreasoner.workflow.v1.WorkflowService/RunWorkflow';

/** Makes the workflow service, ready for `startServer`. Between calls it keeps nothing but what it has parsed of late. */
export function createWorkflowService(ports: RunnerPorts): Service {
  return service(WorkflowServiceService, {
    checkWorkflow: unaryHandler(async (request) => handleCheckWorkflow(request)),
    getGrammar: unaryHandler(async (request) => handleGetGrammar(request)),
    listOperators: unaryHandler(async (request) => handleListOperators(request)),
    runWorkflow: serverStreamHandler((request, call) => stream(ports, request, call)),
  });
}

async function* stream(
  ports: RunnerPorts,
  request: RunWorkflowRequest,
  call: CallContext,
): AsyncGenerator<RunWorkflowResponse> {
  for await (const event of runWorkflow(ports, request, call)) yield { event };
}
