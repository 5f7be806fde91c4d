export * from './check-workflow.js';
export * from './diagnostic-codes.js';
export * from './diagnostics.js';
export type * from './ir.js';
export { USAGE_FIELDS } from './ir.js';
export * from './operators.js';
export * from './split-answer.js';
