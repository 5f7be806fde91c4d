// Bundles every app to dist/apps/<app>/. Workspace code is bundled; third-party
// packages stay external (grpc-js and PGlite break when bundled).
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const thirdParty = Object.keys(manifest.dependencies).flatMap((name) => [name, `${name}/*`]);

/** Files that are read at run time by their place beside the bundle: app → folder of the sources. */
const assets = { sandbox: ['libs/sandbox/src/python'] };

if (!existsSync(`${root}libs/contracts/src/gen/descriptor-set.ts`) || process.argv.includes('--generate')) {
  execFileSync(process.execPath, [`${root}tools/build/generate-contracts.mjs`], { stdio: 'inherit' });
}
const startedAt = new Date();
const staging = `${root}dist/apps.new`;
rmSync(staging, { recursive: true, force: true });
for (const app of readdirSync(`${root}apps`)) {
  const source = `${root}apps/${app}/src`;
  const entries = readdirSync(source).filter((file) => /(^|-)main\.ts$/.test(file));
  if (entries.length === 0) continue;
  await build({
    entryPoints: entries.map((file) => `${source}/${file}`),
    outdir: `${staging}/${app}`,
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
    cpSync(`${root}${folder}`, `${staging}/${app}/${folder.split('/').at(-1)}`, { recursive: true });
  }
}
rmSync(`${root}dist/apps`, { recursive: true, force: true });
renameSync(staging, `${root}dist/apps`);
// The stamp bears the time at which the sources were read, so that an edit made
// during the build is seen as newer.
writeFileSync(`${root}dist/.built`, '');
utimesSync(`${root}dist/.built`, startedAt, startedAt);
