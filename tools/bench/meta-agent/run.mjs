// Measures the meta-agent: journal events a second on Postgres, and many runs
// at once on one replica, with a scripted model and a sandbox that answers at
// once:
//
//   node tools/bench/meta-agent/run.mjs [--runs 200] [--rounds 4] [--events 40000] [--model-ms 4000]
//
// Needs Postgres. Build first: node tools/build/build.mjs meta-agent workflow-runner
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '4' },
    events: { type: 'string', default: '40000' },
    'model-ms': { type: 'string', default: '4000' },
  },
});
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const outfile = `${root}dist/bench/meta-agent.js`;
mkdirSync(`${root}dist/bench`, { recursive: true });
await build({
  entryPoints: [fileURLToPath(new URL('measure.mjs', import.meta.url))],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  external: Object.keys(manifest.dependencies).flatMap((name) => [name, `${name}/*`]),
  logLevel: 'warning',
});
const { measure } = await import(outfile);
await measure({
  root,
  runs: Number(values.runs),
  rounds: Number(values.rounds),
  events: Number(values.events),
  modelMs: Number(values['model-ms']),
});
process.exit(0);
