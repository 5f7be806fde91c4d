import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { FlowError } from '@flowreasoner/rpc';
import type { Log } from '../ports.js';
import type { SampleEvent, WorkerPool } from '../pool/worker-pool.js';
import { parseChatRequest } from './chat-request.js';
import { answerChunks, collectAnswer } from './chat-response.js';
import { MAX_BODY_BYTES } from './limits.js';
import { toOpenAiError } from './openai-error.js';
import { eventStream, takeFirst } from './event-stream.js';

/** What the HTTP side needs. */
export interface ModelAppOptions {
  readonly pool: Pick<WorkerPool, 'generate' | 'status'>;
  /** The only model's id. */
  readonly model: string;
  /** Callers must send it as a bearer token. */
  readonly apiKey: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

/** The OpenAI-compatible HTTP interface of a worker pool. */
export function createModelApp(options: ModelAppOptions): Hono {
  const { pool, model, now } = options;
  const created = Math.floor(now() / 1_000);
  const app = new Hono();

  app.get('/health', (c) => {
    const status = pool.status();
    const healthy = status.alive > 0;
    return c.json(
      {
        status: healthy ? 'ok' : 'unavailable',
        model,
        workers: status.workers,
        alive: status.alive,
        busy: status.busy,
        waiting: status.waiting,
        context_tokens: status.contextSize ?? null,
      },
      healthy ? 200 : 503,
    );
  });

  app.use('/v1/*', async (c, next) => {
    authenticate(c, options.apiKey);
    await next();
  });

  const card = { id: model, object: 'model', created, owned_by: 'flowreasoner' };
  app.get('/v1/models', (c) => c.json({ object: 'list', data: [card] }));
  app.get('/v1/models/:id', (c) => {
    requireModel(c.req.param('id'), model);
    return c.json(card);
  });

  const limitBody = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      throw new FlowError(
        'INVALID_ARGUMENT',
        'BODY_TOO_LARGE',
        `The body is larger than ${MAX_BODY_BYTES} bytes.`,
      );
    },
  });
  app.post('/v1/chat/completions', requireJson, limitBody, async (c) => {
    const request = parseChatRequest(await readJson(c));
    requireModel(request.model, model);
    const head = { id: `chatcmpl-${randomUUID()}`, created: Math.floor(now() / 1_000), model };
    const abort = new AbortController();
    const signal = AbortSignal.any([abort.signal, c.req.raw.signal]);
    // The first event is awaited before anything is sent: until then a status can still tell of an error.
    const events: AsyncIterable<SampleEvent> = await takeFirst(pool.generate(request.generation, signal));
    if (!request.stream) return c.json(await collectAnswer(head, events));
    const chunks = answerChunks(head, events, request.includeUsage);
    return eventStream(chunks, () => abort.abort());
  });

  app.notFound((c) => {
    const known = ['/v1/chat/completions', '/v1/models', '/health'].includes(c.req.path);
    const message = known
      ? `${c.req.path} does not take ${c.req.method}.`
      : `There is nothing at ${c.req.path}: this server has /v1/chat/completions, /v1/models and /health.`;
    const error = toOpenAiError(
      new FlowError('NOT_FOUND', known ? 'METHOD_NOT_ALLOWED' : 'UNKNOWN_PATH', message),
    );
    return c.json(error.body, error.status, error.headers);
  });

  app.onError((error, c) => {
    const answer = toOpenAiError(error);
    if (answer.status === 500)
      options.log('error', 'request failed', { path: c.req.path, error: error.stack });
    return c.json(answer.body, answer.status, { ...answer.headers });
  });
  return app;
}

function authenticate(c: Context, apiKey: string | undefined): void {
  if (apiKey === undefined) return;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const given = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
  if (timingSafeEqual(digest(given), digest(apiKey))) return;
  throw new FlowError('UNAUTHENTICATED', 'INVALID_API_KEY', 'The API key is missing or wrong.', {
    hint: 'Send it as "Authorization: Bearer <key>".',
  });
}

function requireModel(asked: string, model: string): void {
  if (asked === model) return;
  throw new FlowError('NOT_FOUND', 'MODEL_NOT_FOUND', `There is no model "${asked}" here, only "${model}".`, {
    fieldViolations: [{ field: 'model', description: `must be "${model}"` }],
  });
}

/** Browsers send other types to any host without asking it first. */
async function requireJson(c: Context, next: () => Promise<void>): Promise<void> {
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? '')) {
    throw new FlowError(
      'INVALID_ARGUMENT',
      'UNSUPPORTED_MEDIA_TYPE',
      'The content type must be application/json.',
    );
  }
  await next();
}

async function readJson(c: Context): Promise<unknown> {
  const bytes = await c.req.arrayBuffer();
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FlowError('INVALID_ARGUMENT', 'INVALID_UTF8', 'The body is not UTF-8.');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    throw new FlowError('INVALID_ARGUMENT', 'INVALID_JSON', `The body is not JSON: ${why}`);
  }
}
