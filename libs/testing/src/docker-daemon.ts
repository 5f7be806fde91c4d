import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';

const INSTALL = 'apt-get update && apt-get install -y --no-install-recommends docker.io';
const START_TIMEOUT_MS = 30_000;
/** Name of the image that a test's daemon has for the sandbox. */
export const SANDBOX_IMAGE = 'flowreasoner-sandbox';
const IMAGE_TOOL = fileURLToPath(new URL('../../../tools/sandbox/docker-image.mjs', import.meta.url));

/** A Docker daemon of a test's own, on a private socket and folder, without a network. */
export class TestDaemon {
  readonly socketPath: string;
  /** Holds all that it and its containers have; their processes name it. */
  readonly folder = mkdtempSync(join(tmpdir(), 'flow-dockerd-'));
  readonly #options: readonly string[];
  #containerd: ChildProcess | undefined;
  #dockerd: ChildProcess | undefined;

  private constructor(options: readonly string[]) {
    this.socketPath = this.#place('docker.sock');
    this.#options = options;
  }

  /**
   * Starts a daemon and makes the sandbox's image there.
   *
   * @param options further options of dockerd
   * @throws Error that names the command where there is no daemon to start, or no right to
   */
  static async start(...options: string[]): Promise<TestDaemon> {
    if (spawnSync('dockerd', ['--version']).status !== 0) {
      throw new Error(`these tests need Docker's daemon. Run as root: ${INSTALL}`);
    }
    if (process.getuid?.() !== 0) {
      throw new Error(
        'these tests start a Docker daemon, which only root may: run them with sudo ./flow test',
      );
    }
    const daemon = new TestDaemon(options);
    await daemon.resume();
    const made = spawnSync(
      process.execPath,
      [IMAGE_TOOL, '--socket', daemon.socketPath, '--name', SANDBOX_IMAGE],
      {
        encoding: 'utf8',
      },
    );
    if (made.status !== 0) throw new Error(`the image could not be made: ${made.stderr}`);
    return daemon;
  }

  /** For looking at the daemon beside the backend. */
  get api(): Docker {
    return new Docker({ socketPath: this.socketPath });
  }

  /** Kills the daemon as `kill -9` does; containers may go on. */
  async kill(): Promise<void> {
    await end(this.#dockerd, 'SIGKILL');
  }

  /** Starts it, also again after it was killed. */
  async resume(): Promise<void> {
    const containerd = this.#place('containerd.sock');
    this.#containerd ??= spawn(
      'containerd',
      ['--root', this.#place('root'), '--state', this.#place('state'), '--address', containerd],
      { stdio: 'ignore' },
    );
    await untilReady('containerd', this.#containerd, () => Promise.resolve(existsSync(containerd)));
    this.#dockerd = spawn(
      'dockerd',
      [
        ...['--data-root', this.#place('data'), '--exec-root', this.#place('exec')],
        ...[
          '--pidfile',
          this.#place('pid'),
          '--containerd',
          containerd,
          '--host',
          `unix://${this.socketPath}`,
        ],
        ...['--bridge=none', '--iptables=false', '--ip6tables=false', ...this.#options],
      ],
      { stdio: 'ignore' },
    );
    await untilReady('dockerd', this.#dockerd, () => this.#answers());
  }

  /** Ends the daemon with everything that it runs, and removes its folder. */
  async close(): Promise<void> {
    // A daemon that was killed leaves mounts behind, which the next one removes.
    if (!(await this.#answers())) await this.resume();
    const containers = await this.api.listContainers({ all: true }).catch(() => []);
    // A service that ends at the same time may be removing some of them itself.
    const remove = (id: string): Promise<unknown> => this.api.getContainer(id).remove({ force: true });
    await Promise.allSettled(containers.map(({ Id }) => remove(Id)));
    await end(this.#dockerd, 'SIGTERM');
    await end(this.#containerd, 'SIGTERM');
    for (const mount of mountsBelow(this.folder)) spawnSync('umount', ['--lazy', mount]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #place(name: string): string {
    return join(this.folder, name);
  }

  async #answers(): Promise<boolean> {
    return this.api.ping().then(
      () => true,
      () => false,
    );
  }
}

/** Mounts that a killed daemon left, the innermost first. */
function mountsBelow(folder: string): string[] {
  const places = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return places.filter((place) => place.startsWith(`${folder}/`)).reverse();
}

async function untilReady(name: string, daemon: ChildProcess, ready: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await ready())) {
    if (daemon.exitCode !== null || performance.now() > deadline) throw new Error(`${name} did not start`);
    await sleep(50);
  }
}

async function end(daemon: ChildProcess | undefined, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill(signal);
  await ended;
}
