export * from './flow-error.js';
