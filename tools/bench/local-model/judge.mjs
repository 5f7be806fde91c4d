// Judges candidates in a jail: no network, no rights, nothing writable, and a
// process of its own for each.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('judge.py', import.meta.url));
const asNobody =
  process.getuid() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
const jail = [
  ...asNobody,
  'bwrap',
  '--unshare-all',
  '--die-with-parent',
  '--new-session',
  '--clearenv',
  ...['/usr', '/lib', '/lib64', '/bin'].flatMap((path) => ['--ro-bind-try', path, path]),
  '--proc',
  '/proc',
  '--dev',
  '/dev',
  '--tmpfs',
  '/tmp',
  '--ro-bind-data',
  '3',
  '/tmp/judge.py',
  '--chdir',
  '/tmp',
  '/usr/bin/python3',
  '-I',
  '/tmp/judge.py',
];

/**
 * @param {{id: string, code: string, entry_point: string, visible: string[], hidden: string}[]} jobs
 * @returns {Promise<Map<string, {visible: boolean | null, hidden: boolean | null}>>}
 */
export async function judge(jobs) {
  const { createReadStream } = await import('node:fs');
  const child = spawn(jail[0], jail.slice(1), { stdio: ['pipe', 'pipe', 'inherit', 'pipe'] });
  createReadStream(script).pipe(child.stdio[3]);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stdin.end(jobs.map((job) => JSON.stringify(job) + '\n').join(''));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  const verdicts = new Map(
    output
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
      .map((verdict) => [verdict.id, verdict]),
  );
  if (code !== 0 || verdicts.size !== jobs.length)
    throw new Error(`the judge ended with ${code}, ${verdicts.size} of ${jobs.length} judged`);
  return verdicts;
}
