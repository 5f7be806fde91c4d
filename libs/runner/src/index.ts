export { SandboxClient } from './adapters/sandbox-client.js';
export { systemClock } from './adapters/system-clock.js';
export type { Clock, PromptStyle, RunnerPorts, Sandbox } from './ports.js';
export { createWorkflowService, runDeadlinesMs } from './workflow-service.js';
