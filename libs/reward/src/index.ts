export { CheckedWorkflowAnalyzer } from './adapters/checked-workflow-analyzer.js';
export { MemoryTaskStore } from './adapters/memory-task-store.js';
export type { MemoryTaskStoreLimits } from './adapters/memory-task-store.js';
export { SandboxGrader } from './adapters/sandbox-grader.js';
export type {
  AnalyzedWorkflow,
  Grader,
  GradingRequest,
  RewardPorts,
  TaskStore,
  WorkflowAnalyzer,
  WorkflowSize,
} from './ports.js';
export { createRewardService, SCORE_STREAM_METHOD } from './reward-service.js';
export type { RewardOptions } from './reward-service.js';
export { correctnessSpec, defaultSpec } from './specs/default-spec.js';
export type { RewardTask } from './tasks/task.js';
