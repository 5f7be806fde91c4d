import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ScriptedAnswer, ScriptedReply } from './scripted-reply.js';
import { encodeAnswer } from './scripted-wire.js';
import type { ChatBody } from './scripted-wire.js';

/** A request that the server got. */
export interface ScriptedRequest {
  /** Position among the completion requests, from 0. */
  readonly index: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: ChatBody;
}

/** Replies in the order of the requests, or a function that decides for each. */
export type Script =
  readonly ScriptedReply[] | ((request: ScriptedRequest) => ScriptedReply | Promise<ScriptedReply>);

/** How a {@link ScriptedModelServer} behaves. */
export interface ScriptedModelServerOptions {
  readonly script: Script;
  /** Default: one that is free. */
  readonly port?: number;
  /** What `/v1/models` lists. Default `['scripted']`. */
  readonly models?: readonly string[];
  /** `owned_by` of the listed models, by which servers can be told apart. Default `scripted`. */
  readonly ownedBy?: string;
  /** What `/v1/models` answers instead of its list. */
  readonly listReply?: Exclude<ScriptedReply, ScriptedAnswer>;
  /** Requests without this bearer token get 401. Default: none is asked for. */
  readonly apiKey?: string;
  /**
   * The body field whose grammar is obeyed. Only a grammar of one literal (`root ::= "word"`) is
   * understood: the answer is then that literal, and the script is not asked. Default: none is obeyed.
   */
  readonly grammarField?: 'structured_outputs' | 'grammar';
  /** Body fields that are refused with 400, as strict servers do with what they do not know. */
  readonly refusedFields?: readonly string[];
}

/** How the completion requests so far have ended. */
export interface ScriptedCounts {
  readonly received: number;
  /** Answered to the last byte. */
  readonly finished: number;
  /** Given up by the client. */
  readonly aborted: number;
  /** Cut by the script. */
  readonly cut: number;
  /** Most completion requests that were open at the same time. */
  readonly mostAtOnce: number;
}

/** A running server; see {@link startScriptedModelServer}. */
export interface ScriptedModelServer {
  /** Base URL for OpenAI clients, such as `http://127.0.0.1:4711/v1`. */
  readonly baseUrl: string;
  /** Every completion request, in order of arrival. */
  readonly requests: readonly ScriptedRequest[];
  counts(): ScriptedCounts;
  /** Resolves as soon as the counts satisfy the condition. */
  until(condition: (counts: ScriptedCounts) => boolean): Promise<void>;
  /** Closes every connection and stops. */
  close(): Promise<void>;
}

type Ending = 'finished' | 'aborted' | 'cut';

const bodyLimitBytes = 64 * 1024 * 1024;

/**
 * Starts an HTTP server on 127.0.0.1 that speaks the OpenAI protocol
 * (`/v1/models`, `/v1/chat/completions`, streaming or not) and answers as the
 * script says. A list that has run out answers 500 and says so.
 */
export async function startScriptedModelServer(
  options: ScriptedModelServerOptions,
): Promise<ScriptedModelServer> {
  const requests: ScriptedRequest[] = [];
  const endings: Record<Ending, number> = { finished: 0, aborted: 0, cut: 0 };
  const watchers = new Set<() => void>();
  let open = 0;
  let mostAtOnce = 0;

  const counts = (): ScriptedCounts => ({ received: requests.length, ...endings, mostAtOnce });
  const notify = (): void => watchers.forEach((watcher) => watcher());

  const complete = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = parseChat(await readBody(request));
    if (body === undefined) return sendError(response, 400, 'The body is not a chat completion request.');
    const scripted: ScriptedRequest = { index: requests.length, headers: request.headers, body };
    requests.push(scripted);
    mostAtOnce = Math.max(mostAtOnce, ++open);
    const state = { cut: false };
    response.once('close', () => {
      open -= 1;
      endings[state.cut ? 'cut' : response.writableFinished ? 'finished' : 'aborted'] += 1;
      notify();
    });
    notify();
    const reply =
      refusal(options, body) ?? forced(options, body) ?? (await nextReply(options.script, scripted));
    await send(reply, scripted, response, state);
  };

  const server = createServer((request, response) => {
    response.on('error', () => undefined);
    const handle = async (): Promise<void> => {
      const path = new URL(request.url ?? '/', 'http://server').pathname;
      const given = request.headers.authorization?.replace(/^Bearer /, '');
      if (options.apiKey !== undefined && given !== options.apiKey) {
        return sendError(
          response,
          401,
          `Incorrect API key provided: ${given ?? '(none)'}.`,
          'invalid_api_key',
        );
      }
      if (path === '/v1/models') {
        if (options.listReply === undefined) return sendJson(response, 200, modelList(options));
        return sendFailure(options.listReply, response, () => response.destroy());
      }
      if (path === '/v1/chat/completions' && request.method === 'POST') return complete(request, response);
      return sendError(response, 404, `There is no ${path} here.`);
    };
    handle().catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendError(response, 500, `The script failed: ${String(error)}`);
    });
  });

  // A server that closes an idle connection while a request is on its way looks like a failure.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });

  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    counts,
    until: (condition) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!condition(counts())) return;
          watchers.delete(check);
          resolve();
        };
        watchers.add(check);
        check();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function nextReply(script: Script, request: ScriptedRequest): Promise<ScriptedReply> {
  if (typeof script === 'function') return script(request);
  const reply = script[request.index];
  if (reply !== undefined) return reply;
  return { kind: 'status', status: 500, body: errorBody('The script has no further reply.', 'script_empty') };
}

function refusal(options: ScriptedModelServerOptions, body: ChatBody): ScriptedReply | undefined {
  const field = options.refusedFields?.find((name) => name in body);
  if (field === undefined) return undefined;
  return { kind: 'status', status: 400, body: errorBody(`Unrecognized request argument supplied: ${field}`) };
}

function forced(options: ScriptedModelServerOptions, body: ChatBody): ScriptedReply | undefined {
  if (options.grammarField === undefined) return undefined;
  const grammar = options.grammarField === 'grammar' ? body.grammar : body.structured_outputs?.grammar;
  const literal = grammar === undefined ? undefined : /^\s*root\s*::=\s*"([^"\\]*)"\s*$/.exec(grammar)?.[1];
  return literal === undefined ? undefined : { kind: 'answer', text: literal };
}

async function send(
  reply: ScriptedReply,
  request: ScriptedRequest,
  response: ServerResponse,
  state: { cut: boolean },
): Promise<void> {
  const cut = (): void => {
    state.cut = true;
    response.destroy();
  };
  if (reply.kind === 'answer') return sendAnswer(reply, request, response, cut);
  return sendFailure(reply, response, cut);
}

async function sendFailure(
  reply: Exclude<ScriptedReply, ScriptedAnswer>,
  response: ServerResponse,
  cut: () => void,
): Promise<void> {
  switch (reply.kind) {
    case 'hang':
      return;
    case 'drop':
      return cut();
    case 'status':
      return sendJson(response, reply.status, reply.body ?? errorBody(`Scripted status ${reply.status}.`), {
        ...reply.headers,
      });
    case 'garbage':
      response.writeHead(200, { 'content-type': reply.contentType ?? 'text/event-stream' });
      return void response.end(reply.body);
    case 'flood':
      response.writeHead(200, { 'content-type': reply.contentType ?? 'text/event-stream' });
      return flood(response);
  }
}

async function sendAnswer(
  reply: ScriptedAnswer,
  request: ScriptedRequest,
  response: ServerResponse,
  cut: () => void,
): Promise<void> {
  const stream = request.body.stream === true && reply.ignoreStream !== true;
  const contentType = stream ? 'text/event-stream' : 'application/json';
  if (reply.headersFirst === true) {
    response.writeHead(200, { 'content-type': contentType });
    response.flushHeaders();
  }
  await reply.hold;
  if (reply.firstByteDelayMs !== undefined) await delay(reply.firstByteDelayMs);
  if (response.destroyed) return;
  const wire = encodeAnswer(reply, request.body, `chatcmpl-${request.index}`, Math.floor(Date.now() / 1000));
  if (!response.headersSent) response.writeHead(200, { 'content-type': contentType });
  if (!stream) {
    if (reply.fault === undefined) return void response.end(JSON.stringify(wire.body));
    response.write(JSON.stringify(wire.body).slice(0, 20), () => reply.fault?.kind === 'cut' && cut());
    return;
  }
  for (const [index, chunk] of wire.chunks.entries()) {
    if (index === reply.fault?.afterChunks) return reply.fault.kind === 'cut' ? cut() : undefined;
    if (index > 0 && reply.chunkDelayMs !== undefined) await delay(reply.chunkDelayMs);
    if (index > 0) await reply.beforeChunk?.(index);
    if (response.destroyed) return;
    await write(response, `data: ${JSON.stringify(chunk)}\n\n`);
  }
  response.end('data: [DONE]\n\n');
}

async function flood(response: ServerResponse): Promise<void> {
  const block = 'x'.repeat(64 * 1024);
  while (!response.destroyed) await write(response, block);
}

/** Resolves when the bytes have left, or the connection is gone. */
function write(response: ServerResponse, text: string): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.write(text, () => {
      response.off('close', resolve);
      resolve();
    });
  });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > bodyLimitBytes) throw new Error(`the body is larger than ${bodyLimitBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseChat(text: string): ChatBody | undefined {
  try {
    const body = JSON.parse(text) as ChatBody;
    return Array.isArray(body.messages) ? body : undefined;
  } catch {
    return undefined;
  }
}

function modelList(options: ScriptedModelServerOptions): object {
  const models = options.models ?? ['scripted'];
  const owned_by = options.ownedBy ?? 'scripted';
  return { object: 'list', data: models.map((id) => ({ id, object: 'model', created: 0, owned_by })) };
}

function errorBody(message: string, code: string | null = null): object {
  return { error: { message, type: 'invalid_request_error', param: null, code } };
}

function sendError(response: ServerResponse, status: number, message: string, code?: string): void {
  sendJson(response, status, errorBody(message, code));
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(text);
}
