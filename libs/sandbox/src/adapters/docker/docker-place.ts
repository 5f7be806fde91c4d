import { hostname } from 'node:os';
import type { Readable } from 'node:stream';
import type { Backend } from '@flowreasoner/contracts/sandbox';
import { unavailableReport, type BackendEntry, type BackendPlace } from '../../backends.js';
import { execute } from '../../execute.js';
import { DEFAULT_LIMITS } from '../../limits.js';
import type { MonotonicClock, ProgramLimits, SandboxBackend } from '../../ports.js';
import { ContainerPool } from './container-pool.js';
import { DockerBackend } from './docker-backend.js';
import { DockerDaemon } from './docker-daemon.js';
import { removeLeftovers } from './leftovers.js';
import { GVISOR, chooseRuntime, type DaemonRuntimes } from './runtime.js';
import { WarmContainer } from './warm-container.js';

/** How the docker backend is set up. */
export interface DockerOptions {
  /** Image that programs run in; it must have /usr/bin/python3. */
  readonly image: string;
  readonly socketPath: string;
  /** Containers that wait for programs. */
  readonly warm: number;
  /** Runtime of the daemon; undefined: gVisor where the daemon has it, otherwise its default. */
  readonly runtime?: string | undefined;
}

/** What the place needs besides. */
export interface DockerPlaceOptions extends DockerOptions {
  readonly clock: MonotonicClock;
  /** Finds out what the backend enforces. */
  readonly probe: (backend: SandboxBackend) => Promise<Backend>;
}

/** How soon a daemon that is gone is looked for, and how seldom at last, milliseconds. */
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;
/** Users of containers: far from those of the machine, and enough that none is met twice. */
const FIRST_UID = 2_000_000;
const UIDS = 60_000;

const FIND_NODE = `
import os
places = ["/usr/local/bin/node", "/usr/bin/node", "/opt/node"]
print(next((place for place in places if os.access(place, os.X_OK)), ""), end="")
`;

/**
 * The docker backend's place: follows the daemon as it goes and comes back, and
 * probes the backend anew each time before it is used.
 */
export class DockerPlace implements BackendPlace {
  readonly name = 'docker';
  readonly #daemon: DockerDaemon;
  readonly #owner = { host: hostname(), pid: process.pid };
  #entry: BackendEntry;
  #pool: ContainerPool | undefined;
  #events: Readable | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  /** Services on one machine begin at different places, so that their containers hardly share a user. */
  #uids = (process.pid * 1009) % UIDS;
  #closed = false;

  private constructor(private readonly options: DockerPlaceOptions) {
    this.#daemon = new DockerDaemon(options.socketPath);
    this.#entry = unavailable('not connected yet');
  }

  /** Connects and probes. A daemon that can't be reached makes the place unavailable until it can be. */
  static async open(options: DockerPlaceOptions): Promise<DockerPlace> {
    const place = new DockerPlace(options);
    await place.#connect();
    return place;
  }

  current(): BackendEntry {
    return this.#entry;
  }

  /** Removes every container of this process. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const events = this.#events;
    this.#events = undefined;
    events?.destroy();
    await this.#pool?.close();
  }

  async #connect(): Promise<void> {
    try {
      await this.#follow();
      const findings = await this.#lookAtDaemon();
      await removeLeftovers(this.#daemon, this.#owner.host);
      const pool = this.#makePool(findings.runtime);
      this.#pool = pool;
      const { clock } = this.options;
      const backend = (nodePath?: string): DockerBackend =>
        new DockerBackend({ daemon: this.#daemon, pool, clock, findings: { ...findings, nodePath } });
      const complete = backend(await findNode(backend()));
      const report = explained(await this.options.probe(complete), findings.runtime);
      // The daemon may have gone again meanwhile.
      if (this.#pool !== pool) return;
      this.#entry = { name: this.name, backend: complete, report };
      this.#retryMs = FIRST_RETRY_MS;
    } catch (error) {
      this.#lose(this.#daemon.explain(error));
    }
  }

  /** The daemon's events are of no interest; their end tells at once that the daemon is gone. */
  async #follow(): Promise<void> {
    const filters = { type: ['daemon' as const] };
    const events = (await this.#daemon.streams.getEvents({ filters })) as Readable;
    this.#events = events;
    const gone = (): void => {
      if (this.#events === events) this.#lose('the Docker daemon went away');
    };
    events.resume().once('end', gone).once('close', gone).on('error', gone);
  }

  async #lookAtDaemon(): Promise<{ runtime: string; cgroupVersion: string }> {
    const { image } = this.options;
    const info = (await this.#daemon.api.info()) as DaemonRuntimes & { CgroupVersion?: string };
    await this.#daemon.api
      .getImage(image)
      .inspect()
      .catch((error: unknown) => {
        if ((error as { statusCode?: number }).statusCode !== 404) throw error;
        throw new Error(`the daemon has no image ${image}; node tools/sandbox/docker-image.mjs makes one`);
      });
    return { runtime: chooseRuntime(info, this.options.runtime), cgroupVersion: info.CgroupVersion ?? '1' };
  }

  #makePool(runtime: string): ContainerPool {
    const { image, warm } = this.options;
    const make = (limits: ProgramLimits): Promise<WarmContainer> => {
      const uid = FIRST_UID + (this.#uids++ % UIDS);
      return WarmContainer.make(this.#daemon, { image, runtime, uid, limits, owner: this.#owner });
    };
    const pool = new ContainerPool({ size: warm, limits: DEFAULT_LIMITS, make });
    pool.refill();
    return pool;
  }

  #lose(reason: string): void {
    const events = this.#events;
    this.#events = undefined;
    events?.destroy();
    void this.#pool?.close();
    this.#pool = undefined;
    this.#entry = unavailable(reason);
    if (this.#closed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
    this.#retry.unref();
  }
}

/** Where the image has Node, found by a program in it. */
async function findNode(backend: SandboxBackend): Promise<string | undefined> {
  const { stdout, message } = await execute({
    backend,
    program: {
      ...{ language: 'python', source: Buffer.from(FIND_NODE), args: [], env: {}, files: [] },
      ...{ outputFiles: [], limits: DEFAULT_LIMITS, channel: false },
    },
    stdin: new Uint8Array(),
    queueMs: 0,
    signal: new AbortController().signal,
  });
  if (message !== '') throw new Error(message);
  return stdout.length === 0 ? undefined : stdout.toString();
}

/** A runtime that the probes get out of is never exchanged for a weaker one; who runs the service decides. */
function explained(report: Backend, runtime: string): Backend {
  if (report.available || runtime !== GVISOR) return report;
  const reason = `with the runtime ${runtime}: ${report.reason} (FLOW_SANDBOX_DOCKER_RUNTIME names another)`;
  return { ...report, reason };
}

function unavailable(reason: string): BackendEntry {
  return { name: 'docker', backend: undefined, report: unavailableReport('docker', reason) };
}
