import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { containerOptions, resourceLimits, type ContainerShape } from './container-options.js';
import type { DockerDaemon } from './docker-daemon.js';
import { ATTACH_FRAME, FramedStream, RELAY_FRAME, encodeRelayFrame, type Frame } from './framed-stream.js';
import type { ProgramLimits } from '../../ports.js';

/** How a container ended: by itself, or together with the daemon. */
export type ContainerExit =
  | { readonly kind: 'exited'; readonly code: number; readonly outOfMemory: boolean }
  | { readonly kind: 'lost'; readonly message: string };

/** What comes out of a container. */
export interface ContainerEvents {
  readonly onFrame: (frame: Frame) => void;
  /** It sent what no launcher sends. */
  readonly onGarbage: (message: string) => void;
}

const STDOUT = 1;
const DIAGNOSTICS_BYTES = 4096;
/** How long a container may take to end once its stream has ended. */
const EXIT_TIMEOUT_MS = 10_000;

/** A running container whose launcher waits for its one program. */
export class WarmContainer {
  /** Settles, and never rejects, once no process of it is left. */
  readonly exit: Promise<ContainerExit>;
  #diagnostics = '';
  #events: ContainerEvents | undefined;
  #removed: Promise<void> | undefined;
  /** Known once {@link exit} has settled. */
  #exited = false;

  private constructor(
    private readonly daemon: DockerDaemon,
    private readonly container: Docker.Container,
    private readonly stream: Duplex,
    readonly shape: ContainerShape,
  ) {
    this.exit = this.#awaitExit();
    this.#read();
  }

  /** Creates, attaches to and starts a container. Leaves nothing behind when it fails. */
  static async make(daemon: DockerDaemon, shape: ContainerShape): Promise<WarmContainer> {
    const { id } = await daemon.api.createContainer(containerOptions(shape));
    const container = daemon.streams.getContainer(id);
    try {
      const stream = (await container.attach({
        ...{ stream: true, hijack: true, stdin: true, stdout: true, stderr: true },
      })) as Duplex;
      stream.on('error', () => undefined);
      await daemon.api.getContainer(id).start();
      return new WarmContainer(daemon, container, stream, shape);
    } catch (error) {
      await container.remove({ force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** Whether it can still be given a program. */
  get usable(): boolean {
    return !this.#exited && this.stream.writable;
  }

  /** What the launcher itself said on standard error; it says nothing when all is well. */
  get diagnostics(): string {
    return this.#diagnostics.trim();
  }

  /** Takes the container for a program; everything that comes out of it goes there. */
  listen(events: ContainerEvents): void {
    this.#events = events;
  }

  /** Gives it limits other than those it was made with. */
  async limit(limits: ProgramLimits): Promise<void> {
    const { memoryBytes, processes } = this.shape.limits;
    if (limits.memoryBytes === memoryBytes && limits.processes === processes) return;
    await this.daemon.api.getContainer(this.container.id).update(resourceLimits(limits));
  }

  /** Sends bytes on one of the relay's streams; none end it. */
  send(stream: number, data: Uint8Array): void {
    if (this.stream.writable) this.stream.write(encodeRelayFrame(stream, data));
  }

  /** Kills every process in it. Its launcher ends by itself when its stream does, should the daemon not answer. */
  kill(): void {
    this.daemon.api
      .getContainer(this.container.id)
      .kill({ signal: 'SIGKILL' })
      .catch(() => undefined);
    this.stream.destroy();
  }

  /** Removes it from the daemon, running or not. */
  remove(): Promise<void> {
    this.stream.destroy();
    this.#removed ??= this.daemon.api
      .getContainer(this.container.id)
      .remove({ force: true, v: true })
      .then(
        () => undefined,
        () => undefined,
      );
    return this.#removed;
  }

  #read(): void {
    const attached = new FramedStream(ATTACH_FRAME);
    const relayed = new FramedStream(RELAY_FRAME);
    this.stream.on('data', (chunk: Buffer) => {
      try {
        for (const { stream, data } of attached.push(chunk)) {
          if (stream === STDOUT) for (const frame of relayed.push(data)) this.#events?.onFrame(frame);
          else this.#diagnostics = (this.#diagnostics + data.toString()).slice(0, DIAGNOSTICS_BYTES);
        }
      } catch (error) {
        this.#events?.onGarbage((error as Error).message);
      }
    });
  }

  /**
   * The stream ends with the container, and with the daemon. It comes first: the
   * container's last bytes travel by another connection than the news of its exit.
   */
  async #awaitExit(): Promise<ContainerExit> {
    await new Promise((resolve) => this.stream.once('end', resolve).once('close', resolve));
    try {
      const container = this.daemon.api.getContainer(this.container.id);
      const { StatusCode } = await withinTime(container.wait() as Promise<{ StatusCode: number }>);
      const { State } = await container.inspect();
      return { kind: 'exited', code: StatusCode, outOfMemory: State.OOMKilled };
    } catch (error) {
      return { kind: 'lost', message: this.daemon.explain(error) };
    } finally {
      this.#exited = true;
    }
  }
}

/** A daemon that dies while it answers leaves a request without an end. */
async function withinTime<T>(exit: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the container did not end')), EXIT_TIMEOUT_MS);
  });
  try {
    return await Promise.race([exit, late]);
  } finally {
    clearTimeout(timer);
  }
}
