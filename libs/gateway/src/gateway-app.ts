import { OpenAPIHono } from '@hono/zod-openapi';
import { SpanKind } from '@opentelemetry/api';
import { FlowError } from '@flowreasoner/rpc';
import { contextFromHeaders, withSpan, type SpanOptions } from '@flowreasoner/telemetry';
import { cors } from 'hono/cors';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { KeyVerifier } from './auth/key-verifier.js';
import { RateLimiter } from './auth/rate-limiter.js';
import { StreamSlots } from './auth/stream-slots.js';
import { ChatHandlers, chatRoutes } from './chat/chat-routes.js';
import type { GatewayContext, GatewayEnv } from './gateway-env.js';
import type { GatewayOptions } from './gateway-options.js';
import { httpFailureOf } from './http/http-status.js';
import { openAiError } from './http/openai-error.js';
import { problemOf, problemType } from './http/problem.js';
import { documentHead } from './openapi-head.js';
import { RunHandlers, runRoutes } from './runs/run-routes.js';

/** The gateway's app, and what can be seen of its work. */
export interface GatewayApp {
  readonly app: OpenAPIHono<GatewayEnv>;
  /** Answers that are on their way. */
  readonly slots: StreamSlots;
}

const corsMaxAgeSeconds = 600;
const maxRequestIdLength = 64;
/** Headers that pages of other origins may read. */
const exposedHeaders = [
  'x-request-id',
  'retry-after',
  'location',
  'x-ratelimit-limit-requests',
  'x-ratelimit-remaining-requests',
];

/** Creates the HTTP interface: OpenAI's under /v1, runs under /api/v1, health, and the OpenAPI document. */
export function createGatewayApp(options: GatewayOptions): GatewayApp {
  const { clock, limits, logger, draining } = options;
  const app = new OpenAPIHono<GatewayEnv>();
  const slots = new StreamSlots({ total: limits.maxStreams, perKey: limits.maxStreamsPerKey });
  const verifier = new KeyVerifier({ keys: options.keys, clock, cacheMs: limits.keyCacheMs });
  const rates = new RateLimiter(clock, limits.requestsPerMinute);

  app.use(requestId({ limitLength: maxRequestIdLength }));
  // Calls to the meta-agent go on with the caller's trace.
  app.use((c, next) => withSpan(c.req.method, spanOf(c), next));
  app.use(async (c, next) => {
    const startedAt = clock.now();
    await next();
    logger.info(
      {
        method: c.req.method,
        path: c.req.path,
        status: c.res.status,
        ms: clock.now() - startedAt,
        request: c.get('requestId'),
        key: c.get('caller')?.key,
      },
      'request',
    );
  });
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      referrerPolicy: 'no-referrer',
    }),
  );
  app.use(async (c, next) => {
    await next();
    c.res.headers.set('cache-control', 'no-store');
  });
  if (options.corsOrigins.length > 0) {
    app.use(
      cors({
        origin: [...options.corsOrigins],
        allowMethods: ['GET', 'POST'],
        exposeHeaders: exposedHeaders,
        maxAge: corsMaxAgeSeconds,
      }),
    );
  }
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (c, methods) => refuseMethod(c, methods) }));

  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) => {
    const ready = !draining.aborted && (await options.isReady());
    return c.json({ status: ready ? 'ok' : 'unavailable' }, ready ? 200 : 503);
  });
  app.doc31('/openapi.json', documentHead);

  const authorize = async (c: GatewayContext, next: () => Promise<void>): Promise<void> => {
    const caller = await verifier.verify(c.req.header('authorization'));
    c.set('caller', caller);
    const { limit, remaining } = rates.take(caller.key);
    c.header('x-ratelimit-limit-requests', String(limit));
    c.header('x-ratelimit-remaining-requests', String(remaining));
    await next();
  };
  app.use('/v1/*', authorize);
  app.use('/api/*', authorize);

  const chat = new ChatHandlers(options, slots);
  app.post(chatRoutes.complete.path, chat.complete);
  app.get(chatRoutes.listModels.path, chat.listModels);
  app.get(chatRoutes.getModel.getRoutingPath(), chat.getModel);
  const runs = new RunHandlers(options, slots);
  app.post(runRoutes.create.path, runs.create);
  app.get(runRoutes.list.path, runs.list);
  app.get(runRoutes.get.getRoutingPath(), runs.get);
  app.post(runRoutes.cancel.getRoutingPath(), runs.cancel);
  app.get(runRoutes.events.getRoutingPath(), runs.events);
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' });
  for (const route of [...Object.values(chatRoutes), ...Object.values(runRoutes)]) {
    app.openAPIRegistry.registerPath(route);
  }

  app.notFound((c) => fail(c, new FlowError('NOT_FOUND', 'UNKNOWN_PATH', 'There is nothing at this path.')));
  app.onError((error, c) => {
    if (httpFailureOf(error).status === 500) {
      logger.error({ err: error, request: c.get('requestId'), path: c.req.path }, 'a request failed');
    }
    return fail(c, error);
  });
  return { app, slots };
}

function spanOf(c: GatewayContext): SpanOptions {
  const [traceparent, tracestate] = [c.req.header('traceparent'), c.req.header('tracestate')];
  return {
    kind: SpanKind.SERVER,
    parent: contextFromHeaders({
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(tracestate === undefined ? {} : { tracestate }),
    }),
    attributes: { 'http.request.method': c.req.method, 'url.path': c.req.path },
  };
}

/** OpenAI's shape for its clients, problem details for everyone else. */
function fail(c: GatewayContext, error: unknown): Response {
  const { status, headers } = httpFailureOf(error);
  if (c.req.path.startsWith('/v1/')) return c.json(openAiError(error), status, headers);
  const problem = problemOf(error, c.get('requestId'));
  return c.body(JSON.stringify(problem), status, { ...headers, 'content-type': problemType });
}

function refuseMethod(c: GatewayContext, methods: readonly string[]): Response {
  const allow = methods.join(', ');
  return fail(
    c,
    new FlowError(
      'INVALID_ARGUMENT',
      'METHOD_NOT_ALLOWED',
      `This path takes ${allow}, not ${c.req.method}.`,
      {
        metadata: { allow },
      },
    ),
  );
}
