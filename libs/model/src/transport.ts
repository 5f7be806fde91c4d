import OpenAI from 'openai';
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import { Stream } from 'openai/streaming';
import { Agent, EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';
import { z } from 'zod';
import type { ModelEndpoint } from './endpoint.js';
import { ModelLimits } from './limits.js';
import { ProtocolError, ResponseTooLarge } from './model-error.js';

/** A model as a server lists it. */
export interface ListedModel {
  readonly id: string;
  /** By which kinds of servers can be told apart, such as `vllm`; undefined where it says nothing. */
  readonly ownedBy: string | undefined;
}

/** The connection to one endpoint. */
export interface Transport {
  /** Sends a chat completion request; resolves with the headers of a successful response. */
  open(body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Response>;
  /** The parsed events of a streamed response; the controller is aborted where they are not read to the end. */
  events(response: Response, controller: AbortController): AsyncIterable<unknown>;
  listModels(signal: AbortSignal): Promise<ListedModel[]>;
  /** Closes idle and open connections. */
  close(): Promise<void>;
}

/** The client keeps time itself, by its clock; this switches the SDK's own timer off. */
const noTimeoutMs = 2 ** 31 - 1;

const modelListSchema = z.object({
  data: z.array(z.object({ id: z.string(), owned_by: z.string().nullish() })),
});

/**
 * Creates the connection to an endpoint: the OpenAI SDK over a fetch of ours,
 * which alone knows the key. The SDK reads keys, organisations and extra
 * headers from the environment; none of these may reach an endpoint that they
 * were not meant for, so its headers are dropped.
 */
export function createTransport(endpoint: ModelEndpoint, apiKey: string | undefined): Transport {
  const agent = createAgent(new URL(endpoint.baseUrl).hostname);
  const client = new OpenAI({
    baseURL: endpoint.baseUrl,
    apiKey: 'set-by-transport',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: noTimeoutMs,
    logLevel: 'off',
    fetch: createFetch(agent, apiKey),
  });
  return {
    open: (body, signal) =>
      client.chat.completions
        .create(body as unknown as ChatCompletionCreateParamsStreaming, { signal })
        .asResponse(),
    events: (response, controller) => Stream.fromSSEResponse<unknown>(response, controller, client),
    async listModels(signal) {
      const response = await client.models.list({ signal }).asResponse();
      const parsed = modelListSchema.safeParse(parseJson(await response.text()));
      if (!parsed.success) throw new ProtocolError('/models gave no list of models');
      return parsed.data.data.map((model) => ({ id: model.id, ownedBy: model.owned_by ?? undefined }));
    },
    close: () => agent.destroy(),
  };
}

/** Parses JSON that came from outside. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ProtocolError(`not JSON: "${text}"`);
  }
}

/** Honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY, except for this machine itself. */
function createAgent(hostname: string): Agent | EnvHttpProxyAgent {
  const options = { headersTimeout: 0, bodyTimeout: 0 };
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return loopback ? new Agent(options) : new EnvHttpProxyAgent(options);
}

function createFetch(agent: Agent | EnvHttpProxyAgent, apiKey: string | undefined): typeof fetch {
  return async (input, init) => {
    const response = await undiciFetch(String(input), {
      method: init?.method ?? 'GET',
      headers: {
        accept: 'text/event-stream, application/json',
        'content-type': 'application/json',
        'user-agent': 'flowreasoner',
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      ...(typeof init?.body === 'string' ? { body: init.body } : {}),
      ...(init?.signal == null ? {} : { signal: init.signal }),
      // A redirect would carry prompts to a place that nobody configured.
      redirect: 'manual',
      dispatcher: agent,
    });
    const body = response.body as ReadableStream<Uint8Array> | null;
    return new Response(body === null ? null : body.pipeThrough(limitBytes(ModelLimits.responseBytes)), {
      status: response.status,
      statusText: response.statusText,
      headers: [...response.headers],
    });
  };
}

function limitBytes(limit: number): TransformStream<Uint8Array, Uint8Array> {
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      if (seen > limit) controller.error(new ResponseTooLarge());
      else controller.enqueue(chunk);
    },
  });
}
