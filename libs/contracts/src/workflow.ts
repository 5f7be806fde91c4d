export * from './gen/flowreasoner/workflow/v1/workflow.js';
export * from './gen/flowreasoner/workflow/v1/ir.js';
