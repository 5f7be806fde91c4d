// Bundles every app, or the ones that are named, to dist/apps/<app>/:
//   node tools/build/build.mjs [--generate] [app ...]
// Workspace code is bundled; third-party packages stay external (grpc-js and
// PGlite break when bundled).
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { utimesSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildNative } from './native.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const thirdParty = Object.keys(manifest.dependencies).flatMap((name) => [name, `${name}/*`]);

/** Folders that an app's bundle reads at run time and finds beside itself. */
const mathWorker = 'libs/evaluate/src/maths/math-worker';
const assets = {
  sandbox: ['libs/sandbox/src/python'],
  'meta-agent': [mathWorker],
  reward: [mathWorker],
  cli: [mathWorker],
};

const startedAt = new Date();
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const apps = named.length > 0 ? named : readdirSync(`${root}apps`);
const generated = `${root}libs/contracts/src/gen/descriptor-set.ts`;
if (!existsSync(generated) || process.argv.includes('--generate')) {
  execFileSync(process.execPath, [`${root}tools/build/generate-contracts.mjs`], { stdio: 'inherit' });
}

for (const app of apps) {
  const source = `${root}apps/${app}/src`;
  const target = `${root}dist/apps/${app}`;
  const staging = `${root}dist/staging/${app}`;
  rmSync(staging, { recursive: true, force: true });
  await build({
    entryPoints: readdirSync(source)
      .filter((file) => /(^|-)main\.ts$/.test(file))
      .map((file) => `${source}/${file}`),
    outdir: staging,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: thirdParty,
    sourcemap: true,
    chunkNames: 'chunks/[name]-[hash]',
    logLevel: 'warning',
  });
  for (const folder of assets[app] ?? []) {
    cpSync(`${root}${folder}`, `${staging}/${folder.split('/').at(-1)}`, { recursive: true });
  }
  if (app in assets) buildNative(`${staging}/native`);
  mkdirSync(`${root}dist/apps`, { recursive: true });
  rmSync(target, { recursive: true, force: true });
  renameSync(staging, target);
}
if (named.length === 0) {
  // The stamp bears the time at which the sources were read, so that an edit
  // made during the build is seen as newer.
  writeFileSync(`${root}dist/.built`, '');
  utimesSync(`${root}dist/.built`, startedAt, startedAt);
}
