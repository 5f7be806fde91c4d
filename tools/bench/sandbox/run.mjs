// Measures the sandbox side by side with what it is compared with:
//   node tools/bench/sandbox/run.mjs [--seconds 5] [--concurrency 1,2,4,8] [--modes hot,cold,bwrap,docker,dockerRun,python] [--data FILE]
// --data names HumanEval rows, of which one with ten asserts is graded. The column
// "CPU ms" is what one execution takes of the machine, callers included (as root,
// with cgroup v1; not for containers, which a daemon starts). Build first (node
// tools/build/build.mjs sandbox). The docker modes start a daemon of their own,
// which only root may.
import { parseArgs } from 'node:util';
import { loadMeasure, root } from '../bundle.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    concurrency: { type: 'string', default: '1,2,4,8' },
    modes: { type: 'string', default: 'hot,cold,bwrap,docker,dockerRun,python' },
    data: { type: 'string' },
  },
});
const measure = await loadMeasure('sandbox');
await measure({
  seconds: Number(values.seconds),
  concurrencies: values.concurrency.split(',').map(Number),
  modes: values.modes.split(','),
  data: values.data,
  root,
});
