export { defaultCacheDir, ensureModelFile } from './model-file/ensure-model-file.js';
export type { EnsureModelFileOptions, ModelFileProgress } from './model-file/ensure-model-file.js';
export { DEFAULT_MODEL } from './model-file/default-model.js';
export type { DefaultModel } from './model-file/default-model.js';
export { startModelServer } from './start-model-server.js';
export type { StartModelServerOptions, StartedModelServer } from './start-model-server.js';
export { modelServerMain } from './main.js';
