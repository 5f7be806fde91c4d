// Measures the interpreter and the workflow-runner:
//   node tools/bench/interpreter/run.mjs
// Latency of ensembles on a model that takes one second, the interpreter's own
// cost of an operator call, the memory of many workflows at once, in the
// interpreter alone and through a workflow-runner's process, and how soon a
// cancellation reaches a model and a jail. Build first
// (node tools/build/build.mjs workflow-runner sandbox).
import { loadMeasure } from '../bundle.mjs';

const measure = await loadMeasure('interpreter');
await measure();
