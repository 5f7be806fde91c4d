export type * from './ir.js';
export { USAGE_FIELDS } from './ir.js';
