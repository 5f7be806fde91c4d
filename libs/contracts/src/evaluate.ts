export * from './gen/flowreasoner/evaluate/v1/evaluate.js';
