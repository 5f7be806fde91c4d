import type { Service } from '@flowreasoner/rpc';
import { bidiHandler, FlowError, service } from '@flowreasoner/rpc';
import {
  type AttachRequest,
  type AttachResponse,
  type Endpoint,
  HostServiceService,
} from '@flowreasoner/contracts/host';
import { VERSION } from '../version.js';

/** What attached commands need the host to have. */
export interface HostResources {
  /** Addresses of the services. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Makes an endpoint usable; the function it returns forgets it. */
  addEndpoint(endpoint: Endpoint): () => void;
  /** Starts the local model server when it is not there yet. */
  useLocalModel(file: string): Promise<void>;
}

/** The commands that are attached, and what to do when the last has gone. */
export class Attachments {
  private count = 0;
  private idle: NodeJS.Timeout | undefined;

  /**
   * @param onIdle called once nobody has been attached for `idleMs`
   * @param idleMs how long the host waits for a first or a next command
   */
  constructor(
    private readonly onIdle: () => void,
    private readonly idleMs: { readonly first: number; readonly next: number },
  ) {
    this.idle = setTimeout(onIdle, idleMs.first);
  }

  /** The command that started the host has gone: without another one there is nothing to wait for. */
  abandon(): void {
    if (this.count === 0) this.onIdle();
  }

  /** Counts a command in; the function it returns counts it out. */
  enter(): () => void {
    clearTimeout(this.idle);
    this.count += 1;
    return () => {
      this.count -= 1;
      if (this.count === 0) this.idle = setTimeout(this.onIdle, this.idleMs.next);
    };
  }
}

/** The service that commands attach to. */
export function hostService(resources: HostResources, attachments: Attachments): Service {
  return service(HostServiceService, {
    attach: bidiHandler<AttachRequest, AttachResponse>(async function* (requests, { draining, signal }) {
      const iterator = requests[Symbol.asyncIterator]();
      const first = await iterator.next();
      if (first.done === true)
        throw new FlowError('INVALID_ARGUMENT', 'ATTACH_EMPTY', 'the first message is missing');
      const request = first.value;
      if (request.version !== VERSION) {
        throw new FlowError(
          'FAILED_PRECONDITION',
          'HOST_VERSION',
          `another version of flow (${VERSION}) is at work on this store; this command is ${request.version}`,
          { hint: 'wait until its commands have ended, then run this one again' },
        );
      }
      if (draining.aborted) throw new FlowError('UNAVAILABLE', 'SERVER_DRAINING', 'the host is ending');
      const leave = attachments.enter();
      const forget: (() => void)[] = [];
      try {
        // One by one: those before an endpoint that is refused are forgotten too.
        for (const endpoint of request.endpoints) forget.push(resources.addEndpoint(endpoint));
        if (request.localModelFile !== '') {
          // A command that goes away meanwhile must not be counted until the model is loaded.
          await Promise.race([resources.useLocalModel(request.localModelFile), aborted(signal)]);
        }
        yield { processId: process.pid, addresses: { ...resources.addresses } };
        // The stream is the command's sign of life: it ends when the command does, however that happens.
        while ((await iterator.next()).done !== true);
      } finally {
        for (const forgetEndpoint of forget) forgetEndpoint();
        leave();
      }
    }),
  });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(new FlowError('CANCELLED', 'CANCELLED', 'the command has gone'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}
