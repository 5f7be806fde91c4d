import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, statSync, type Stats } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FlowError } from '@flowreasoner/rpc';

/** Longest path of a unix socket on Linux, in bytes, without the final NUL. */
const MAX_SOCKET_PATH = 107;

/** Folders and sockets of the embedded services of one user. */
export interface EmbeddedPaths {
  /** What must survive: the store of runs. */
  readonly dataFolder: string;
  /** Sockets; mode 0700, gone with the last command. */
  readonly runFolder: string;
  /** Log of the hosts; begun anew when it has grown beyond 1 MiB. */
  readonly logFile: string;
  /** Socket on which commands attach to the host. */
  readonly hostSocket: string;
}

/**
 * Finds and makes the folders. `FLOW_HOME` moves the data folder, which is
 * otherwise `$XDG_DATA_HOME/flowreasoner` or `~/.local/share/flowreasoner`.
 *
 * @throws FlowError FAILED_PRECONDITION when a folder can't be made or is not ours
 */
export function embeddedPaths(env: NodeJS.ProcessEnv): EmbeddedPaths {
  const dataFolder = resolve(
    env['FLOW_HOME'] ??
      join(env['XDG_DATA_HOME'] ?? join(env['HOME'] ?? homedir(), '.local', 'share'), 'flowreasoner'),
  );
  makeFolder(dataFolder);
  refuseUnlessOurs(dataFolder, statSync(dataFolder), 0o022);
  const name = `flowreasoner-${process.getuid?.() ?? 0}-${createHash('sha256').update(dataFolder).digest('hex').slice(0, 8)}`;
  const runFolder = [env['XDG_RUNTIME_DIR'] ?? '', tmpdir(), '/tmp']
    .filter((base) => base !== '')
    .map((base) => join(base, name))
    .find((folder) => Buffer.byteLength(join(folder, 'workflow-runner.sock')) <= MAX_SOCKET_PATH);
  if (runFolder === undefined) {
    throw new FlowError(
      'FAILED_PRECONDITION',
      'SOCKET_PATH_TOO_LONG',
      'every folder for sockets has a path that is too long',
      {
        hint: 'set TMPDIR to a folder with a short path',
      },
    );
  }
  makeFolder(runFolder);
  // In a shared folder such as /tmp somebody else could have made it, or a link in its place.
  refuseUnlessOurs(runFolder, lstatSync(runFolder), 0o077);
  return {
    dataFolder,
    runFolder,
    logFile: join(dataFolder, 'host.log'),
    hostSocket: join(runFolder, 'host.sock'),
  };
}

/** Folder of the store of runs. */
export function storeFolder(dataFolder: string): string {
  return join(dataFolder, 'store');
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new FlowError(
      'FAILED_PRECONDITION',
      'FOLDER_UNUSABLE',
      `the folder ${folder} can't be made (${code})`,
      {
        hint: 'set FLOW_HOME to a folder that this user can write',
        cause: error,
      },
    );
  }
}

/** Refuses a folder of another user, or one that others have any of the `closed` rights to. */
function refuseUnlessOurs(folder: string, info: Stats, closed: number): void {
  if (info.uid !== (process.getuid?.() ?? info.uid) || (info.mode & closed) !== 0) {
    throw new FlowError(
      'FAILED_PRECONDITION',
      'FOLDER_NOT_PRIVATE',
      `the folder ${folder} belongs to others or is open to them`,
      {
        hint: `remove it, or set FLOW_HOME to a folder of your own`,
      },
    );
  }
}
