import { createModelClient } from '@flowreasoner/model';
import type {
  Completion,
  CompletionCall,
  CompletionRequest,
  EndpointCall,
  EndpointReport,
  GrammarStyle,
  ListedModel,
  ModelClient,
  ModelEndpointInput,
  ModelRef,
} from '@flowreasoner/model';
import { FlowError } from '@flowreasoner/rpc';

interface Attached {
  readonly client: ModelClient;
  users: number;
}

/**
 * The models of the commands that are attached: a ModelClient whose endpoints
 * come and go. Keys stay in memory, each within its own endpoint's client.
 */
export class AttachedEndpoints implements ModelClient {
  readonly #attached = new Map<string, Attached>();

  /** Makes an endpoint usable; the function it returns forgets it with its last user. */
  add(endpoint: ModelEndpointInput): () => void {
    const { name } = endpoint;
    const attached = this.#attached.get(name) ?? {
      client: createModelClient({ endpoints: [endpoint] }),
      users: 0,
    };
    attached.users += 1;
    this.#attached.set(name, attached);
    let used = true;
    return () => {
      if (!used) return;
      used = false;
      attached.users -= 1;
      if (attached.users > 0) return;
      this.#attached.delete(name);
      void attached.client.close();
    };
  }

  complete(request: CompletionRequest, call?: CompletionCall): Promise<Completion> {
    return this.#client(request.ref?.endpoint).complete(request, call);
  }

  completeMany(
    request: CompletionRequest,
    count: number,
    call?: CompletionCall,
  ): Promise<readonly Completion[]> {
    return this.#client(request.ref?.endpoint).completeMany(request, count, call);
  }

  grammarStyle(ref?: ModelRef, call?: EndpointCall): Promise<GrammarStyle> {
    return this.#client(ref?.endpoint).grammarStyle(ref, call);
  }

  listModels(endpoint?: string, call?: EndpointCall): Promise<readonly ListedModel[]> {
    return this.#client(endpoint).listModels(endpoint, call);
  }

  probeEndpoint(endpoint?: string, call?: EndpointCall): Promise<EndpointReport> {
    return this.#client(endpoint).probeEndpoint(endpoint, call);
  }

  get endpoints(): ModelClient['endpoints'] {
    return [...this.#attached.values()].flatMap(({ client }) => client.endpoints);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#attached.values()].map(({ client }) => client.close()));
    this.#attached.clear();
  }

  #client(name: string | undefined): ModelClient {
    const attached =
      name === undefined || name === '' ? [...this.#attached.values()][0] : this.#attached.get(name);
    if (attached !== undefined) return attached.client;
    throw new FlowError(
      'FAILED_PRECONDITION',
      'MODEL_ENDPOINT_UNKNOWN',
      name === undefined || name === ''
        ? 'there is no model endpoint'
        : `there is no model endpoint ${JSON.stringify(name.slice(0, 64))}`,
      {
        hint: `leave it empty for the default one, or name one of: ${[...this.#attached.keys()].join(', ') || '(none)'}`,
      },
    );
  }
}
