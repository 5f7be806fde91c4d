// Measures CheckWorkflow on a program of 40 lines:
//   node tools/bench/checker/run.mjs
// Wall-clock time of the checker alone, and of the call to a workflow-runner over
// gRPC on a unix socket. Build first: node tools/build/build.mjs workflow-runner
import { readFileSync } from 'node:fs';
import { loadMeasure } from '../bundle.mjs';

const measure = await loadMeasure('checker');
await measure(readFileSync(new URL('workflow.py', import.meta.url), 'utf8'));
