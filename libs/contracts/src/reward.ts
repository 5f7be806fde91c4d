export * from './gen/flowreasoner/reward/v1/reward.js';
