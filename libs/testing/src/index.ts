export * from './app-process.js';
export * from './docker-daemon.js';
export * from './fake-clock.js';
export * from './scripted-model-server.js';
export * from './scripted-reply.js';
export * from './seeded-random.js';
export type { ChatBody } from './scripted-wire.js';
export * from './temporary-postgres.js';
