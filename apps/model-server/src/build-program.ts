import { readFileSync } from 'node:fs';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Bundles this program the way the product's build does, into a folder of its own, so that
 * tests run what the sources say now.
 */
export async function buildProgram(): Promise<{ readonly program: string; remove(): Promise<void> }> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: object };
  // Inside the workspace, so that third-party packages are found.
  await mkdir(join(root, 'dist'), { recursive: true });
  const folder = await mkdtemp(join(root, 'dist', 'test-model-server-'));
  await build({
    entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: Object.keys(manifest.dependencies).flatMap((name) => [name, `${name}/*`]),
    logLevel: 'warning',
  });
  return { program: join(folder, 'main.js'), remove: () => rm(folder, { recursive: true, force: true }) };
}
