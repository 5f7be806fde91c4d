// Debian packages that the integration suites need, installed when that is allowed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

const works = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

const needed = [
  { name: 'bubblewrap', present: () => works('bwrap', '--version') },
  { name: 'python3', present: () => existsSync('/usr/bin/python3') },
  { name: 'python3-pip', present: () => works('python3', '-m', 'pip', '--version') },
  {
    name: 'postgresql',
    present: () =>
      existsSync('/usr/lib/postgresql') &&
      readdirSync('/usr/lib/postgresql').some((version) =>
        existsSync(`/usr/lib/postgresql/${version}/bin/initdb`),
      ),
  },
  { name: 'gcc', present: () => works('cc', '--version') },
  { name: 'libc6-dev', present: () => existsSync('/usr/include/stdio.h') },
  { name: 'docker.io', present: () => works('dockerd', '--version') && works('containerd', '--version') },
  { name: 'openssl', present: () => works('openssl', 'version') },
];

/**
 * Installs the packages that are missing, as root on Debian or Ubuntu.
 *
 * @returns {string | undefined} what is missing and how to mend it, or undefined when all is there
 */
export function missingPackages() {
  const missing = needed.filter(({ present }) => !present()).map(({ name }) => name);
  if (missing.length === 0) return undefined;
  const command = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() === 0 && works('apt-get', '--version')) {
    process.stdout.write(`installing ${missing.join(', ')} ...\n`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const result = spawnSync('sh', ['-c', command], { env, encoding: 'utf8' });
    const still = needed.filter(({ present }) => !present()).map(({ name }) => name);
    if (still.length === 0) return undefined;
    return `${still.join(', ')} could not be installed:\n${result.stderr.slice(-2000)}`;
  }
  return `the tests need ${missing.join(', ')}. Run as root: ${command}`;
}
