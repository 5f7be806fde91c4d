// Compares proto/ with the last state that others may already speak: the merge
// base with main, or the previous commit on main itself.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Output of a git command, or undefined where it fails. */
function git(...args) {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

const head = git('rev-parse', 'HEAD');
const base = git('merge-base', 'HEAD', 'origin/main') ?? git('merge-base', 'HEAD', 'main');
const against = base !== undefined && base !== head ? base : git('rev-parse', '--verify', 'HEAD~1');
if (against === undefined || git('cat-file', '-e', `${against}:buf.yaml`) === undefined) {
  console.log('There is no earlier commit with contracts to compare with.');
} else {
  const buf = spawnSync(`${root}node_modules/.bin/buf`, ['breaking', '--against', `.git#ref=${against}`], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exitCode = buf.status ?? 1;
}
