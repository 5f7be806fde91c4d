// Makes the image of the docker backend from this machine's own files: Python
// with its standard library, Node, a shell, and the libraries that they load.
// No registry is needed, but for packages that programs are to find besides:
//   node tools/sandbox/docker-image.mjs [--name NAME] [--socket PATH] [--node FILE] [--packages numpy,pandas]
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import Docker from 'dockerode';

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'flowreasoner-sandbox' },
    socket: { type: 'string', default: '/var/run/docker.sock' },
    node: { type: 'string', default: process.execPath },
    packages: { type: 'string', default: '' },
  },
});

const PYTHON = '/usr/bin/python3';
const TOOLS = ['sh', 'cat', 'echo', 'env', 'false', 'id', 'ls', 'mkdir', 'rm', 'sleep', 'true'];
/** Parts of the standard library that no program without a screen or a package index needs. */
const LEFT_OUT = ['config-*', 'ensurepip', 'idlelib', 'lib2to3', 'test', 'tkinter', 'turtledemo'];

const output = (program, ...args) => execFileSync(program, args, { encoding: 'utf8' });

/** Paths of the shared libraries that programs load, and of the loader. */
function librariesOf(programs) {
  const listed = spawnListing('ldd', programs);
  return [...new Set(listed.match(/\/[^\s:()]+\.so[^\s:()]*/g) ?? [])];
}

/** ldd fails for a static program, which needs nothing. */
function spawnListing(program, args) {
  try {
    return output(program, ...args);
  } catch (error) {
    return String(error.stdout);
  }
}

/** A path, and where it leads when it is a link, without links among its folders. */
function withTarget(path) {
  const place = join(realpathSync(dirname(path)), path.split('/').at(-1));
  return lstatSync(place).isSymbolicLink() ? [place, realpathSync(place)] : [place];
}

/** Installs Python packages below a folder, where the image's Python finds them; their native modules. */
function installPackages(packages, folder) {
  const version = output(PYTHON, '-I', '-c', 'import sys; print("%d.%d" % sys.version_info[:2])').trim();
  const target = join(folder, `usr/local/lib/python${version}/dist-packages`);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile'];
  execFileSync(PYTHON, [...pip, '--target', target, ...packages], { stdio: 'inherit' });
  const installed = readdirSync(target, { recursive: true, encoding: 'utf8' });
  return installed.filter((name) => /[.]so($|[.])/.test(name)).map((name) => join(target, name));
}

const folder = mkdtempSync(join(tmpdir(), 'flow-image-'));
try {
  const packages = values.packages.split(',').filter(Boolean);
  const native = packages.length === 0 ? [] : installPackages(packages, folder);
  const library = output(PYTHON, '-I', '-c', 'import sysconfig; print(sysconfig.get_path("stdlib"))').trim();
  const modules = readdirSync(join(library, 'lib-dynload')).map((name) => join(library, 'lib-dynload', name));
  const tools = TOOLS.map((name) => `/usr/bin/${name}`).filter((path) => existsSync(path));
  const node = realpathSync(values.node);
  // Loaded by name when a thread is cancelled, so that no listing shows it.
  const unlisted = [
    join(dirname(librariesOf([PYTHON]).find((path) => path.includes('libc.so'))), 'libgcc_s.so.1'),
  ];
  const loaded = librariesOf([PYTHON, ...modules, ...tools, node, ...native]).filter(
    (path) => !path.startsWith(library) && !path.startsWith(folder),
  );
  const files = [PYTHON, ...tools, ...loaded, ...unlisted];
  const roots = ['/bin', '/lib', '/lib64', '/sbin'].filter(
    (path) => existsSync(path) && lstatSync(path).isSymbolicLink(),
  );
  const extra = [library, '/usr/share/zoneinfo'].filter((path) => existsSync(path));
  const paths = new Set([
    ...files.filter((path) => existsSync(path)).flatMap(withTarget),
    ...roots,
    ...extra,
  ]);

  for (const name of ['dev', 'etc', 'proc', 'sys', 'tmp', 'opt']) mkdirSync(join(folder, name));
  chmodSync(join(folder, 'tmp'), 0o1777);
  symlinkSync('/tmp/work', join(folder, 'work'));
  copyFileSync(node, join(folder, 'opt/node'));

  const exclude = LEFT_OUT.map((name) => `--exclude=${library.slice(1)}/${name}`);
  const names = [...paths].map((path) => path.slice(1));
  const tar = spawn(
    'tar',
    ['-c', '--owner=0', '--group=0', ...exclude, '-C', '/', ...names, '-C', folder, '.'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const docker = new Docker({ socketPath: values.socket });
  const [repo, tag = 'latest'] = values.name.split(':');
  const progress = await docker.importImage(tar.stdout, { repo, tag });
  await new Promise((resolve, reject) => {
    docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
  });
  const { Size } = await docker.getImage(`${repo}:${tag}`).inspect();
  process.stdout.write(`${repo}:${tag} (${Math.round(Size / 1e6)} MB)\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
