// Compiles the jail helper (libs/sandbox/native) where a C compiler is there:
//   node tools/build/native.mjs [FOLDER]     default: dist/native, which sources run from
// Without one the sandbox works too, with a jail of its own for each program.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = `${root}libs/sandbox/native`;
const flags = ['-std=c11', '-O2', '-Wall', '-Wextra', '-fPIC', '-shared', '-fvisibility=hidden'];
const hardening = ['-D_FORTIFY_SOURCE=2', '-fstack-protector-strong', '-Wl,-z,relro,-z,now'];

/** Makes FOLDER/jail-helper.so unless it is newer than its sources; says so when it can't. */
export function buildNative(folder) {
  if (process.platform !== 'linux') return;
  const target = `${folder}/jail-helper.so`;
  const files = readdirSync(sources).map((name) => `${sources}/${name}`);
  const newest = Math.max(...files.map((file) => statSync(file).mtimeMs));
  if (existsSync(target) && statSync(target).mtimeMs > newest) return;
  mkdirSync(folder, { recursive: true });
  const staging = `${target}.${process.pid}`;
  const inputs = files.filter((file) => file.endsWith('.c'));
  const compiler = process.env.CC ?? 'cc';
  const result = spawnSync(compiler, [...flags, ...hardening, '-o', staging, ...inputs], {
    encoding: 'utf8',
  });
  if (result.status === 0) {
    if (result.stderr !== '') process.stderr.write(result.stderr);
    renameSync(staging, target);
    return;
  }
  const why = result.error === undefined ? result.stderr : `${compiler}: ${result.error.message}`;
  process.stderr.write(`flow: the jail helper was not compiled; the sandbox will be slower. ${why}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  buildNative(process.argv[2] ?? `${root}dist/native`);
}
