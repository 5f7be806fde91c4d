import { FlowError } from '@flowreasoner/rpc';
import { createFakeClock, createSeededRandom, startScriptedModelServer } from '@flowreasoner/testing';
import type { FakeClock, ScriptedModelServer, ScriptedModelServerOptions } from '@flowreasoner/testing';
import type { CompletionRequest } from './completion.js';
import type { ModelEndpointInput } from './endpoint.js';
import { createModelClient } from './model-client.js';
import type { ModelClient, ModelClientOptions } from './model-client.js';

/** What the specs of the client work with: a scripted server and a client of it under a fake clock. */
export interface ClientFixture {
  readonly server: ScriptedModelServer;
  readonly client: ModelClient;
  readonly clock: FakeClock;
  readonly warnings: { readonly fields: Record<string, unknown>; readonly message: string }[];
  close(): Promise<void>;
}

/** What a spec can set; the endpoint is called `main`, its default model `m`. */
export interface FixtureOptions {
  readonly server?: Partial<ScriptedModelServerOptions>;
  readonly endpoint?: Partial<ModelEndpointInput>;
  readonly client?: Partial<ModelClientOptions>;
}

/** Starts a {@link ClientFixture}. */
export async function startFixture(
  script: ScriptedModelServerOptions['script'],
  options: FixtureOptions = {},
): Promise<ClientFixture> {
  const server = await startScriptedModelServer({ script, models: ['m'], ...options.server });
  const clock = createFakeClock();
  const warnings: ClientFixture['warnings'] = [];
  const client = createModelClient({
    endpoints: [{ name: 'main', baseUrl: server.baseUrl, defaultModel: 'm', ...options.endpoint }],
    clock,
    random: createSeededRandom(1),
    environment: {},
    logger: { warn: (fields, message) => warnings.push({ fields, message }) },
    ...options.client,
  });
  return {
    server,
    client,
    clock,
    warnings,
    close: async () => {
      await client.close();
      await server.close();
    },
  };
}

/** A small request. */
export function ask(rest: Partial<CompletionRequest> = {}): CompletionRequest {
  return { messages: [{ role: 'user', content: 'Say hello.' }], maxTokens: 50, ...rest };
}

/** The FlowError that the promise is rejected with. */
export async function errorOf(promise: Promise<unknown>): Promise<FlowError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof FlowError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
