export { CheckedWorkflowAnalyzer } from './adapters/checked-workflow-analyzer.js';
export { SandboxGrader } from './adapters/sandbox-grader.js';
export { MemoryTaskStore } from './adapters/tasks/memory-task-store.js';
export { openPostgresTaskStore } from './adapters/tasks/postgres-task-store.js';
export type { PostgresTaskStoreOptions } from './adapters/tasks/postgres-task-store.js';
export { SqlTaskStore } from './adapters/tasks/sql-task-store.js';
export type { SqlTaskStoreOptions } from './adapters/tasks/sql-task-store.js';
export type { TaskStoreLimits } from './adapters/tasks/task-store-limits.js';
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
