// Measures the meta-agent: journal events a second on Postgres, and many runs
// at once on one replica, with a scripted model and a sandbox that answers at
// once:
//
//   node tools/bench/meta-agent/run.mjs [--runs 200] [--rounds 4] [--events 40000] [--model-ms 4000]
//
// Needs Postgres. Build first: node tools/build/build.mjs meta-agent workflow-runner
import { parseArgs } from 'node:util';
import { loadMeasure, root } from '../bundle.mjs';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '4' },
    events: { type: 'string', default: '40000' },
    'model-ms': { type: 'string', default: '4000' },
  },
});
const measure = await loadMeasure('meta-agent');
await measure({
  root,
  runs: Number(values.runs),
  rounds: Number(values.rounds),
  events: Number(values.events),
  modelMs: Number(values['model-ms']),
});
process.exit(0);
