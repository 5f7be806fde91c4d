export * from './gen/flowreasoner/host/v1/host.js';
