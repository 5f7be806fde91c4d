import { createRoute, z } from '@hono/zod-openapi';
import { ListRunsRequest, RunState, type Run } from '@flowreasoner/contracts/metaagent';
import { FlowError, unary } from '@flowreasoner/rpc';
import type { StreamSlots } from '../auth/stream-slots.js';
import type { GatewayContext } from '../gateway-env.js';
import type { GatewayOptions } from '../gateway-options.js';
import { checkBody } from '../http/check-body.js';
import { eventStream } from '../http/event-stream.js';
import { problemSchema, problemType } from '../http/problem.js';
import { readJson } from '../http/read-json.js';
import { runEvents } from './run-events.js';
import { runJson } from './run-json.js';
import { createRunSchema, listRunsQuery, runListSchema, runSchema, watchRunQuery } from './run-schema.js';
import { toCreateRequest } from './to-create-request.js';

const errors = Object.fromEntries(
  [400, 401, 404, 409, 413, 415, 429, 500, 503].map((status) => [
    status,
    { description: 'an error', content: { [problemType]: { schema: problemSchema } } },
  ]),
);
const security = [{ apiKey: [] }];
const tags = ['Runs'];
const runResponse = { description: 'the run', content: { 'application/json': { schema: runSchema } } };
const params = z.object({ id: z.string().openapi({ description: 'the id of a run' }) });
const lastEventId = z.string().regex(/^\d{0,18}$/, 'must be the id of an event of this run');
const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, 'must be 1 to 64 printable ASCII characters')
  .optional()
  .openapi({ description: 'the same key with the same body gives the same run' });

/** Routes of the REST interface of runs, for the OpenAPI document. */
export const runRoutes = {
  create: createRoute({
    method: 'post',
    path: '/api/v1/runs',
    tags,
    summary: 'Start a run',
    security,
    request: {
      headers: z.object({ 'Idempotency-Key': idempotencyKey }),
      body: { required: true, content: { 'application/json': { schema: createRunSchema } } },
    },
    responses: { 201: runResponse, ...errors },
  }),
  list: createRoute({
    method: 'get',
    path: '/api/v1/runs',
    tags,
    summary: 'List runs, newest first',
    security,
    request: { query: listRunsQuery },
    responses: {
      200: { description: 'a page', content: { 'application/json': { schema: runListSchema } } },
      ...errors,
    },
  }),
  get: createRoute({
    method: 'get',
    path: '/api/v1/runs/{id}',
    tags,
    summary: 'Look at a run',
    security,
    request: { params },
    responses: { 200: runResponse, ...errors },
  }),
  cancel: createRoute({
    method: 'post',
    path: '/api/v1/runs/{id}/cancel',
    tags,
    summary: 'Ask a run to stop',
    security,
    request: { params },
    responses: { 200: runResponse, ...errors },
  }),
  events: createRoute({
    method: 'get',
    path: '/api/v1/runs/{id}/events',
    tags,
    summary: "Follow a run's events until it ends",
    security,
    request: {
      params,
      query: watchRunQuery,
      headers: z.object({ 'Last-Event-ID': lastEventId.optional() }),
    },
    responses: {
      200: {
        description:
          'server-sent events: `id` is the sequence number, `event` the kind, `data` flowreasoner.metaagent.v1.RunEvent in the JSON form of protobuf',
        content: { 'text/event-stream': { schema: z.string() } },
      },
      204: { description: 'the run has ended, and no event follows: do not reconnect' },
      ...errors,
    },
  }),
};

const callMs = 10_000;
const states = {
  queued: RunState.RUN_STATE_QUEUED,
  running: RunState.RUN_STATE_RUNNING,
  finished: RunState.RUN_STATE_FINISHED,
} as const;

/** Handlers of the REST interface of runs. */
export class RunHandlers {
  constructor(
    private readonly options: GatewayOptions,
    private readonly slots: StreamSlots,
  ) {}

  readonly create = async (c: GatewayContext): Promise<Response> => {
    const requestId = checkBody(idempotencyKey, c.req.header('idempotency-key'), 'Idempotency-Key') ?? '';
    const body = checkBody(createRunSchema, await readJson(c.req.raw, this.options.limits.maxBodyBytes));
    const request = toCreateRequest(body, requestId);
    const { run } = await unary(this.options.metaAgent, 'createRun', request, this.#call(c));
    const shown = runJson(present(run));
    return c.json(shown, 201, { location: `/api/v1/runs/${shown.id}` });
  };

  readonly list = async (c: GatewayContext): Promise<Response> => {
    const query = checkBody(listRunsQuery, c.req.query());
    const request = ListRunsRequest.fromPartial({
      pageSize: query.page_size ?? 0,
      pageToken: query.page_token ?? '',
      state: query.state === undefined ? RunState.RUN_STATE_UNSPECIFIED : states[query.state],
    });
    const page = await unary(this.options.metaAgent, 'listRuns', request, this.#call(c));
    return c.json({
      runs: page.runs.map(runJson),
      next_page_token: page.nextPageToken,
    } satisfies z.infer<typeof runListSchema>);
  };

  readonly get = async (c: GatewayContext): Promise<Response> => c.json(runJson(await this.#find(c)));

  readonly cancel = async (c: GatewayContext): Promise<Response> => {
    const { run } = await unary(this.options.metaAgent, 'cancelRun', { name: nameOf(c) }, this.#call(c));
    return c.json(runJson(present(run)));
  };

  readonly events = async (c: GatewayContext): Promise<Response> => {
    const query = checkBody(watchRunQuery, c.req.query());
    const last = checkBody(lastEventId.optional(), c.req.header('last-event-id'), 'Last-Event-ID');
    const afterSequence = BigInt(last || (query.after ?? 0));
    const { tenant, key } = c.get('caller');
    const run = await this.#find(c);
    // What EventSource takes as the sign not to connect again.
    if (run.state === RunState.RUN_STATE_FINISHED && run.lastSequence <= afterSequence) {
      return c.body(null, 204);
    }
    const { metaAgent: client, clock, limits, draining } = this.options;
    const leave = this.slots.enter(key);
    const gone = new AbortController();
    const events = runEvents({
      client,
      tenant,
      name: run.name,
      afterSequence,
      streamTokens: query.tokens === 'true',
      signal: AbortSignal.any([c.req.raw.signal, gone.signal, draining]),
      requestId: c.get('requestId'),
    });
    const response = eventStream({
      events,
      clock,
      heartbeatMs: limits.heartbeatMs,
      stallMs: limits.stallMs,
      onStall: () => void c.env?.outgoing?.destroy(),
      onEnd: () => {
        gone.abort();
        leave();
      },
    });
    return c.newResponse(response.body, response);
  };

  async #find(c: GatewayContext): Promise<Run> {
    const { run } = await unary(this.options.metaAgent, 'getRun', { name: nameOf(c) }, this.#call(c));
    return present(run);
  }

  #call(c: GatewayContext): { tenant: string; deadlineMs: number } {
    return { tenant: c.get('caller').tenant, deadlineMs: callMs };
  }
}

function nameOf(c: GatewayContext): string {
  const id = c.req.param('id') ?? '';
  if (/^[0-9a-z-]{1,64}$/.test(id)) return `runs/${id}`;
  throw new FlowError('NOT_FOUND', 'RUN_NOT_FOUND', `There is no run ${JSON.stringify(id.slice(0, 100))}.`);
}

function present(run: Run | undefined): Run {
  if (run === undefined) throw new FlowError('INTERNAL', 'RUN_ABSENT', 'The meta-agent told no run.');
  return run;
}
