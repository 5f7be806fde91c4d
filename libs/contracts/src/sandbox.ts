export * from './gen/flowreasoner/sandbox/v1/sandbox.js';
