// Measures the interpreter and the workflow-runner:
//   node tools/bench/interpreter/run.mjs
// Latency of ensembles on a model that takes one second, the interpreter's own
// cost of an operator call, and the memory of many workflows at once.
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const outfile = `${root}dist/bench/interpreter.js`;
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
await measure();
