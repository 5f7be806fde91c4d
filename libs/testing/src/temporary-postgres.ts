import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Postgres server for one test suite. */
export interface TemporaryPostgres {
  readonly url: string;
  /** Ends the server as a crash would, and starts it again on the same data. */
  restart(): Promise<void>;
  /** Kills the server and deletes its folder. */
  stop(): Promise<void>;
}

const binaries = ['17', '16', '15', '14'].map((version) => `/usr/lib/postgresql/${version}/bin`);
// Postgres refuses to run as root; this is Debian's `nobody`.
const nobody = 65534;

/**
 * Starts a Postgres server on a temporary folder. For integration tests only.
 *
 * @throws Error with the command that installs Postgres when it is missing
 */
export async function startTemporaryPostgres(): Promise<TemporaryPostgres> {
  const bin = binaries.find((folder) => existsSync(join(folder, 'initdb')));
  if (bin === undefined) throw new Error('Postgres is missing: apt-get install -y postgresql');
  const folder = mkdtempSync(join(tmpdir(), 'flow-pg-'));
  const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  if ('uid' in user) chownSync(folder, nobody, nobody);
  chmodSync(folder, 0o700);
  const data = join(folder, 'data');
  const options = { ...user, cwd: folder, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', HOME: folder } };
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'flow', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--locale=C'],
    { ...options, stdio: 'pipe' },
  );
  const start = async (): Promise<ChildProcess> => {
    const server = spawn(
      join(bin, 'postgres'),
      ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'max_connections=100'],
      { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    await new Promise<void>((ready, failed) => {
      let log = '';
      server.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (log.length < 10_000) log += text;
        if (text.includes('ready to accept connections')) ready();
      });
      server.once('exit', () => failed(new Error(`Postgres did not start:\n${log}`)));
    });
    return server;
  };
  const kill = async (server: ChildProcess): Promise<void> => {
    const exited = once(server, 'exit');
    server.kill('SIGQUIT');
    await exited;
  };
  let server = await start();
  return {
    url: `postgres://flow@localhost/postgres?host=${encodeURIComponent(folder)}`,
    async restart() {
      await kill(server);
      server = await start();
    },
    async stop() {
      await kill(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
