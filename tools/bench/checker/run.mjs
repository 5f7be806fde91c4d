// Measures CheckWorkflow on a program of 40 lines:
//   node tools/bench/checker/run.mjs
// Wall-clock time of the handler alone, and of the call over gRPC on a unix socket.
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const outfile = `${root}dist/bench/checker.js`;
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
await measure(readFileSync(new URL('workflow.py', import.meta.url), 'utf8'));
