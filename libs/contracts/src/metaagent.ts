export * from './gen/flowreasoner/metaagent/v1/meta_agent.js';
