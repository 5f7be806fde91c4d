// Measures the sandbox side by side with what it is compared with:
//   node tools/bench/sandbox/run.mjs [--seconds 5] [--concurrency 1,2,4,8] [--modes hot,cold,bwrap,python] [--data FILE]
// --data names HumanEval rows, of which one with ten asserts is graded. Build
// first (node tools/build/build.mjs sandbox).
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    concurrency: { type: 'string', default: '1,2,4,8' },
    modes: { type: 'string', default: 'hot,cold,bwrap,python' },
    data: { type: 'string' },
  },
});
const root = fileURLToPath(new URL('../../..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const outfile = `${root}dist/bench/sandbox.js`;
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
  seconds: Number(values.seconds),
  concurrencies: values.concurrency.split(',').map(Number),
  modes: values.modes.split(','),
  data: values.data,
  root,
});
