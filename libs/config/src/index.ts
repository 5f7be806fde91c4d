export { ConfigError } from './config-error.js';
export type { ConfigProblem } from './config-error.js';
export type { ConfigSchema } from './config-schema.js';
export { formatConfig } from './format-config.js';
export type { ConfigField, FieldType } from './fields.js';
export { loadConfig } from './load-config.js';
export type { LoadOptions } from './load-config.js';
export { Secret, secret } from './secret.js';
export { suggest } from './suggest.js';
