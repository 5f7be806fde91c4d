export * from './gen/flowreasoner/metaagent/v1/keys.js';
export * from './gen/flowreasoner/metaagent/v1/meta_agent.js';
export * from './gen/flowreasoner/metaagent/v1/round_events.js';
