import { WorkflowServiceService, type WorkflowEvent } from '@flowreasoner/contracts/workflow';
import { bidiHandler, serverStreamHandler, service, unaryHandler, type Service } from '@flowreasoner/rpc';
import { handleCheckWorkflow } from './handlers/check-workflow.js';
import { handleGetGrammar } from './handlers/get-grammar.js';
import { handleListOperators } from './handlers/list-operators.js';
import type { RunnerPorts } from './ports.js';
import { runJournaledWorkflow } from './handlers/run-journaled-workflow.js';
import { runWorkflow } from './run/run-workflow.js';

/** Deadlines of the methods that run a workflow, for `startServer`. */
export function runDeadlinesMs(runMs: number): Readonly<Record<string, number>> {
  const { runWorkflow, runJournaledWorkflow } = WorkflowServiceService;
  return { [runWorkflow.path]: runMs, [runJournaledWorkflow.path]: runMs };
}

/** Makes the workflow service, ready for `startServer`. Between calls it keeps nothing but what it has parsed of late. */
export function createWorkflowService(ports: RunnerPorts): Service {
  return service(WorkflowServiceService, {
    checkWorkflow: unaryHandler(async (request) => handleCheckWorkflow(request)),
    getGrammar: unaryHandler(async (request) => handleGetGrammar(request)),
    listOperators: unaryHandler(async (request) => handleListOperators(request)),
    runWorkflow: serverStreamHandler((request, call) => inMessages(runWorkflow(ports, request, call))),
    runJournaledWorkflow: bidiHandler((requests, call) =>
      inMessages(runJournaledWorkflow(ports, requests, call)),
    ),
  });
}

async function* inMessages(events: AsyncIterable<WorkflowEvent>): AsyncGenerator<{ event: WorkflowEvent }> {
  for await (const event of events) yield { event };
}
