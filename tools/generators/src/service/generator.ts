import { existsSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { formatFiles, generateFiles, readJson, updateJson } from '@nx/devkit';
import type { Tree } from '@nx/devkit';
import { serviceNames } from './service-names.ts';
import type { ServiceNames } from './service-names.ts';

/** Options of `nx g ./tools/generators:service`. */
export interface ServiceOptions {
  /** Name in kebab-case. */
  readonly name: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies: Record<string, string>;
}

/**
 * Scaffolds a service with one unary method: contract, library, app and tests.
 *
 * @returns what to do once the files are written: link the new packages
 * @throws RangeError for a name that is malformed or taken
 */
export default async function service(tree: Tree, options: ServiceOptions): Promise<() => void> {
  const names = serviceNames(options.name);
  const folders = [`libs/${names.kebab}`, `apps/${names.kebab}`];
  for (const path of [
    ...folders,
    `proto/flowreasoner/${names.compact}`,
    `libs/contracts/src/${names.compact}.ts`,
  ]) {
    if (tree.exists(path)) throw new RangeError(`${path} is there already: choose another name`);
  }
  const { version } = readJson<Manifest>(tree, 'package.json');
  generateFiles(tree, join(import.meta.dirname, 'files'), '.', { ...names, version });
  addContract(tree, names);
  addReferences(tree, folders);
  addToLockfile(tree, folders);
  await formatFiles(tree);
  return () => linkPackages(tree.root, names);
}

/** The package's exports decide what other packages can import. */
function addContract(tree: Tree, { compact }: ServiceNames): void {
  updateJson(tree, 'libs/contracts/package.json', (manifest: { exports: Record<string, string> }) => {
    manifest.exports[`./${compact}`] = `./src/${compact}.ts`;
    return manifest;
  });
}

function addReferences(tree: Tree, folders: readonly string[]): void {
  updateJson(tree, 'tsconfig.json', (config: { references: { path: string }[] }) => {
    config.references.push(...folders.map((folder) => ({ path: `./${folder}` })));
    return config;
  });
}

/** Without these entries `npm ci` would refuse the lockfile. */
function addToLockfile(tree: Tree, folders: readonly string[]): void {
  updateJson(tree, 'package-lock.json', (lock: { packages: Record<string, unknown> }) => {
    for (const folder of folders) {
      const { name, version, license, dependencies } = readJson<Manifest>(tree, `${folder}/package.json`);
      lock.packages[folder] = { name, version, license, dependencies };
      lock.packages[`node_modules/${name}`] = { resolved: folder, link: true };
    }
    const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
    return { ...lock, packages: Object.fromEntries(sorted) };
  });
}

/** Does what `npm ci` would do for the new packages, without a network. */
function linkPackages(root: string, { kebab }: ServiceNames): void {
  const scope = join(root, 'node_modules/@flowreasoner');
  mkdirSync(scope, { recursive: true });
  const links: [string, string][] = [
    [kebab, `../../libs/${kebab}`],
    [`${kebab}-app`, `../../apps/${kebab}`],
  ];
  for (const [name, target] of links) {
    const link = join(scope, name);
    if (!existsSync(link) && !lstatSync(link, { throwIfNoEntry: false })) symlinkSync(target, link);
  }
}
