// Grades solutions of benchmarks by the sandbox (build it first: node tools/build/build.mjs sandbox):
//   node tools/bench/grading/run.mjs canonical FILE...      solutions that are right, empty, wrong and `pass` only
//   node tools/bench/grading/run.mjs mutants FILE... [--count 500] [--seed 0]
//                                                           verdicts beside direct execution of the tests
//   node tools/bench/grading/run.mjs speed FILE [--count 200]
//                                                           time of a grading of a problem with about ten asserts
// FILEs hold rows of HumanEval, MBPP (AFlow's split) or BigCodeBench, one JSON object a line.
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const outfile = `${root}dist/bench/grading.js`;
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
await measure(root, process.argv.slice(2));
