import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const workspace = fileURLToPath(new URL('../../../../', import.meta.url));
const left = new Set(['node_modules', 'dist', '.git', '.nx', '.flow', 'tmp']);
let copy: string;

/** Runs a tool of the workspace in the copy; its output is in the error where it fails. */
function run(tool: string, ...args: string[]): string {
  const env = { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false' };
  const command = tool === 'node' ? process.execPath : join(copy, 'node_modules/.bin', tool);
  try {
    return execFileSync(command, args, {
      cwd: copy,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${tool} ${args.join(' ')}\n${stdout}\n${stderr}`, { cause: error });
  }
}

/**
 * A copy of the workspace without its apps: its packages link to the copy,
 * third-party ones are shared.
 */
function copyWorkspace(): string {
  const target = mkdtempSync(join(tmpdir(), 'generator-'));
  cpSync(workspace, target, {
    recursive: true,
    filter: (source) => {
      const path = relative(workspace, source);
      return !left.has(basename(path)) && dirname(path) !== 'apps';
    },
  });
  const packages = join(target, 'node_modules');
  mkdirSync(join(packages, '@flowreasoner'), { recursive: true });
  for (const name of readdirSync(join(workspace, 'node_modules'))) {
    if (name !== '@flowreasoner') symlinkSync(join(workspace, 'node_modules', name), join(packages, name));
  }
  for (const name of readdirSync(join(target, 'libs'))) {
    symlinkSync(`../../libs/${name}`, join(packages, '@flowreasoner', name));
  }
  return target;
}

beforeAll(() => {
  copy = copyWorkspace();
  run('nx', 'generate', './tools/generators:service', 'model-cache');
  run('node', 'tools/build/generate-contracts.mjs');
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('a generated service', () => {
  const projects = ['libs/model-cache', 'apps/model-cache'];

  it('has a contract that passes buf', () => {
    run('buf', 'lint', '--path', 'proto/flowreasoner/modelcache');
    expect(run('buf', 'format', '--diff', '--path', 'proto/flowreasoner/modelcache')).toBe('');
  });

  it('is formatted, as are the files that were changed for it', () => {
    const changed = ['tsconfig.json', 'libs/contracts/package.json', 'libs/contracts/src/modelcache.ts'];
    run('prettier', '--check', ...projects, ...changed);
  });

  it('passes the type check', () => {
    run('tsc', '-b', ...projects);
  });

  it('passes lint, module boundaries included', () => {
    expect(run('nx', 'show', 'projects')).toContain('@flowreasoner/model-cache-app');
    run('eslint', ...projects);
  });

  it('passes its own tests', () => {
    expect(run('vitest', 'run', '--project', 'unit', 'libs/model-cache/')).toMatch(/Tests .*\d+ passed/);
    expect(run('vitest', 'run', '--project', 'integration', 'libs/model-cache/')).toMatch(/Tests .*2 passed/);
  });

  it('starts, listens and stops', async () => {
    run('node', 'tools/build/build.mjs');
    const socket = join(copy, 'model-cache.sock');
    const app = spawn(process.execPath, [join(copy, 'dist/apps/model-cache/main.js')], {
      cwd: copy,
      env: { ...process.env, FLOW_MODEL_CACHE_ADDRESS: `unix:${socket}` },
      stdio: 'ignore',
    });
    const exited = once(app, 'exit');
    while (!existsSync(socket) && app.exitCode === null) await delay(50);
    app.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  it('is in the lockfile and the references', () => {
    const lock = JSON.parse(readFileSync(join(copy, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, unknown>;
    };
    expect(lock.packages['libs/model-cache']).toMatchObject({ name: '@flowreasoner/model-cache' });
    expect(lock.packages['node_modules/@flowreasoner/model-cache-app']).toEqual({
      resolved: 'apps/model-cache',
      link: true,
    });
    expect(readFileSync(join(copy, 'tsconfig.json'), 'utf8')).toContain('./apps/model-cache');
  });

  it('is refused a second time', () => {
    expect(() => run('nx', 'generate', './tools/generators:service', 'model-cache')).toThrow(
      'is there already',
    );
  });
});
