import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';
import { DockerPlace } from '../adapters/docker/docker-place.js';
import { probeBackend } from '../backend-probe.js';

const INSTALL = 'apt-get update && apt-get install -y --no-install-recommends docker.io';
const START_TIMEOUT_MS = 30_000;
const IMAGE = 'flowreasoner-sandbox';
const IMAGE_TOOL = fileURLToPath(new URL('../../../../tools/sandbox/docker-image.mjs', import.meta.url));

/** A Docker daemon of a test's own, on a private socket and folder, without a network. */
export class TestDaemon {
  readonly socketPath: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'flow-dockerd-'));
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(options: readonly string[]) {
    this.socketPath = join(this.#folder, 'docker.sock');
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
    const made = spawnSync(process.execPath, [IMAGE_TOOL, '--socket', daemon.socketPath, '--name', IMAGE], {
      encoding: 'utf8',
    });
    if (made.status !== 0) throw new Error(`the image could not be made: ${made.stderr}`);
    return daemon;
  }

  /** For looking at the daemon beside the backend. */
  get api(): Docker {
    return new Docker({ socketPath: this.socketPath });
  }

  /** The backend on this daemon, probed. */
  open(warm = 1): Promise<DockerPlace> {
    const { signal } = new AbortController();
    return DockerPlace.open({
      ...{ image: IMAGE, socketPath: this.socketPath, warm, clock: performance },
      probe: (backend) => probeBackend(backend, signal),
    });
  }

  /** Kills the daemon as `kill -9` does; containers may go on. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Starts it, also again after it was killed. */
  async resume(): Promise<void> {
    const place = (name: string): string => join(this.#folder, name);
    const daemon = spawn(
      'dockerd',
      [
        ...['--data-root', place('data'), '--exec-root', place('exec'), '--pidfile', place('pid')],
        ...['--host', `unix://${this.socketPath}`, '--bridge=none', '--iptables=false', '--ip6tables=false'],
        ...this.#options,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#process = daemon;
    let log = '';
    daemon.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4000)));
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!(await this.#answers())) {
      if (daemon.exitCode !== null || performance.now() > deadline) {
        throw new Error(`dockerd did not start: ${log}`);
      }
      await sleep(50);
    }
  }

  /** Ends the daemon with everything that it runs, and removes its folder. */
  async close(): Promise<void> {
    const containers = await this.api.listContainers({ all: true }).catch(() => []);
    await Promise.all(containers.map(({ Id }) => this.api.getContainer(Id).remove({ force: true })));
    await this.#end('SIGTERM');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    return this.api.ping().then(
      () => true,
      () => false,
    );
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const daemon = this.#process;
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill(signal);
    await ended;
  }
}
