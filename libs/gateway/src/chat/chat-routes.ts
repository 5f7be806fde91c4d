import { randomUUID } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import type { StreamSlots } from '../auth/stream-slots.js';
import type { GatewayContext } from '../gateway-env.js';
import type { GatewayOptions } from '../gateway-options.js';
import { checkBody } from '../http/check-body.js';
import { encodeEvent, eventStream } from '../http/event-stream.js';
import { openAiError, openAiErrorSchema } from '../http/openai-error.js';
import { readJson } from '../http/read-json.js';
import { followRun } from '../runs/follow-run.js';
import { answerChunks, collectAnswer, type AnswerHead } from './chat-answer.js';
import { chatChunkSchema, chatCompletionSchema, chatRequestSchema, type ChatRequest } from './chat-schema.js';
import { modelCard, modelIds, modelListSchema, modelNotFound, modelSchema } from './models.js';
import { inChatTerms, toSolveRequest } from './to-solve-request.js';

const errors = Object.fromEntries(
  [400, 401, 404, 413, 415, 429, 500, 503].map((status) => [
    status,
    { description: 'an error', content: { 'application/json': { schema: openAiErrorSchema } } },
  ]),
);
const security = [{ apiKey: [] }];
const json = <S extends z.ZodType>(schema: S) => ({ 'application/json': { schema } });

/** Routes of the OpenAI-compatible interface, for the OpenAPI document. */
export const chatRoutes = {
  complete: createRoute({
    method: 'post',
    path: '/v1/chat/completions',
    tags: ['OpenAI'],
    summary: 'Answer the last turn of a conversation',
    security,
    request: { body: { required: true, content: json(chatRequestSchema) } },
    responses: {
      200: {
        description: 'the answer; with `stream` as server-sent events, the last one `[DONE]`',
        content: {
          'application/json': { schema: chatCompletionSchema },
          'text/event-stream': { schema: chatChunkSchema },
        },
      },
      ...errors,
    },
  }),
  listModels: createRoute({
    method: 'get',
    path: '/v1/models',
    tags: ['OpenAI'],
    summary: 'List the models',
    security,
    responses: { 200: { description: 'the models', content: json(modelListSchema) }, ...errors },
  }),
  getModel: createRoute({
    method: 'get',
    path: '/v1/models/{id}',
    tags: ['OpenAI'],
    summary: 'Describe a model',
    security,
    request: { params: z.object({ id: z.string() }) },
    responses: { 200: { description: 'the model', content: json(modelSchema) }, ...errors },
  }),
};

/** Handlers of the OpenAI-compatible interface. */
export class ChatHandlers {
  readonly #created: number;

  constructor(
    private readonly options: GatewayOptions,
    private readonly slots: StreamSlots,
  ) {
    this.#created = this.#seconds();
  }

  readonly listModels = (c: GatewayContext): Response => {
    const data = modelIds(this.options.policies).map((id) => modelCard(id, this.#created));
    return c.json({ object: 'list', data } satisfies z.infer<typeof modelListSchema>);
  };

  readonly getModel = (c: GatewayContext): Response => {
    const id = c.req.param('id') ?? '';
    if (!modelIds(this.options.policies).includes(id)) throw modelNotFound(id);
    return c.json(modelCard(id, this.#created));
  };

  readonly complete = async (c: GatewayContext): Promise<Response> => {
    const body = await readJson(c.req.raw, this.options.limits.maxBodyBytes);
    const request = checkBody(chatRequestSchema, body);
    const solve = toSolveRequest(request, randomUUID());
    const { tenant, key } = c.get('caller');
    const leave = this.slots.enter(key);
    const gone = new AbortController();
    const signal = AbortSignal.any([c.req.raw.signal, gone.signal, this.options.stopping]);
    const { metaAgent: client, clock } = this.options;
    const events = followRun(solve, { client, clock, tenant, signal });
    const head = this.#headOf(request);
    let handedOver = false;
    try {
      if (request.stream !== true) return c.json(await collectAnswer(head, events));
      const chunks = answerChunks(head, events, request.stream_options?.include_usage === true);
      // The first chunk is awaited before anything is sent: until then a status can tell of an error.
      const first = await chunks.next();
      handedOver = true;
      return this.#stream(c, encodeChunks(first, chunks), () => {
        gone.abort();
        leave();
      });
    } catch (error) {
      throw inChatTerms(error, request.model);
    } finally {
      if (!handedOver) leave();
    }
  };

  #stream(c: GatewayContext, events: AsyncGenerator<string, void, undefined>, onEnd: () => void): Response {
    const { clock, limits } = this.options;
    const { heartbeatMs, stallMs } = limits;
    const onStall = (): void => void c.env?.outgoing?.destroy();
    const response = eventStream({ events, clock, heartbeatMs, stallMs, onStall, onEnd });
    return c.newResponse(response.body, response);
  }

  #headOf(request: ChatRequest): AnswerHead {
    const maxTokens = [request.max_tokens, request.max_completion_tokens].filter((limit) => limit != null);
    return {
      model: request.model,
      created: this.#seconds(),
      limits: {
        maxTokens: maxTokens.length === 0 ? undefined : Math.min(...maxTokens),
        stop: request.stop == null ? [] : [request.stop].flat(),
      },
    };
  }

  #seconds(): number {
    return Math.floor(this.options.clock.now() / 1_000);
  }
}

/** An error after the first chunk is sent as an object with `error`, and ends the stream without `[DONE]`. */
async function* encodeChunks(
  first: IteratorResult<object, unknown>,
  chunks: AsyncGenerator<object, void, undefined>,
): AsyncGenerator<string, void, undefined> {
  try {
    for (let step = first; step.done !== true; step = await chunks.next()) {
      yield encodeEvent(JSON.stringify(step.value));
    }
    yield encodeEvent('[DONE]');
  } catch (error) {
    yield encodeEvent(JSON.stringify(openAiError(error)));
  } finally {
    await chunks.return();
  }
}
