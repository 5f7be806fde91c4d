import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository's folder, with a slash at its end. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Bundles `tools/bench/<name>/measure.mjs` with the sources that it imports, and
 * loads it. A Node that is too old for the product runs the bench again with
 * the repository's own.
 */
export async function loadMeasure(name) {
  const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  if (Number.parseInt(process.versions.node) < Number.parseInt(manifest.devDependencies.node)) {
    const again = spawnSync(`${root}node_modules/node/bin/node`, process.argv.slice(1), { stdio: 'inherit' });
    process.exit(again.status ?? 1);
  }
  const { build } = await import('esbuild');
  // As deep as the sources of apps and libs, which look for dist/apps from where they are.
  const outfile = `${root}dist/bench/${name}/measure.js`;
  mkdirSync(`${root}dist/bench/${name}`, { recursive: true });
  await build({
    entryPoints: [`${root}tools/bench/${name}/measure.mjs`],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: Object.keys(manifest.dependencies).flatMap((each) => [each, `${each}/*`]),
    logLevel: 'warning',
  });
  return (await import(outfile)).measure;
}
