// Measures the meta-agent: journal events a second on Postgres, and many runs
// at once on one replica, with a scripted model and a scripted sandbox:
//
//   node tools/bench/meta-agent/run.mjs [--runs 200] [--rounds 4] [--events 40000]
//     [--model-ms 200,1500] [--load burst,steady] [--profile FOLDER]
//
// With --profile, each process writes a CPU profile into the folder.
// Needs Postgres. Build first: node tools/build/build.mjs meta-agent workflow-runner
import { parseArgs } from 'node:util';
import { loadMeasure, root } from '../bundle.mjs';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '4' },
    events: { type: 'string', default: '40000' },
    'model-ms': { type: 'string', default: '200,1500' },
    load: { type: 'string', default: 'burst,steady' },
    profile: { type: 'string' },
  },
});
const measure = await loadMeasure('meta-agent');
await measure({
  root,
  runs: Number(values.runs),
  rounds: Number(values.rounds),
  events: Number(values.events),
  models: values['model-ms'].split(',').map(Number),
  loads: values.load.split(','),
  profile: values.profile,
});
process.exit(0);
