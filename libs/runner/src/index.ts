export { SandboxClient } from './adapters/sandbox-client.js';
export { systemClock } from './adapters/system-clock.js';
export type { Clock, PromptStyle, RunnerPorts, Sandbox } from './ports.js';
export { createWorkflowService, RUN_WORKFLOW_METHOD } from './workflow-service.js';
