import { FlowError } from '@flowreasoner/rpc';
import { Attribute, withSpan } from '@flowreasoner/telemetry';
import { systemClock } from './adapters/system-clock.js';
import { openScope } from './call-scope.js';
import type { CallScope } from './call-scope.js';
import { begunAnswer, chatBody } from './chat-body.js';
import type { BudgetGate } from './budget-gate.js';
import { cacheKey } from './completion-cache.js';
import type { Completion, CompletionCall, CompletionRequest, ModelRef } from './completion.js';
import type { SessionAnswer } from './endpoint-session.js';
import { EndpointSession } from './endpoint-session.js';
import { apiKeyOf, displayUrl, parseEndpoints } from './endpoint.js';
import type { GrammarStyle, ModelEndpoint, ModelEndpointInput } from './endpoint.js';
import { probeGrammarStyle } from './grammar-style.js';
import { ModelLimits } from './limits.js';
import { timeoutError, toAttemptError } from './model-error.js';
import { createOnce } from './once.js';
import type { Clock, CompletionCache, ModelLogger, RandomSource } from './ports.js';
import { checkRequest } from './request-check.js';
import type { ListedModel } from './transport.js';

/** What a {@link ModelClient} is made of. */
export interface ModelClientOptions {
  /** The first one is the default. */
  readonly endpoints: readonly ModelEndpointInput[];
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Jitter of retries. Default: Math.random. */
  readonly random?: RandomSource;
  /** Default: nothing is cached. */
  readonly cache?: CompletionCache;
  readonly logger?: ModelLogger;
  /** Where `apiKeyEnv` is looked up. Default: the process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** How a question about an endpoint is asked. */
export type EndpointCall = Pick<CompletionCall, 'signal' | 'deadlineMs' | 'budget'>;

/** What is known of an endpoint that answers. */
export interface EndpointReport {
  readonly endpoint: string;
  readonly url: string;
  /** Ids, as listed. */
  readonly models: readonly string[];
  readonly defaultModel: string | undefined;
  /** False where a default model is set that is not listed; some servers take names that they don't list. */
  readonly defaultModelListed: boolean;
  /** Time that listing the models took, in milliseconds. */
  readonly latencyMs: number;
}

/** Asks models; see {@link createModelClient}. Every method's errors are FlowErrors with a hint. */
export interface ModelClient {
  /** One answer. */
  complete(request: CompletionRequest, call?: CompletionCall): Promise<Completion>;
  /**
   * `count` answers to the same request, in the order of their sample indices. One request draws them
   * where the server can do that (`n`), otherwise one each, at the same time.
   */
  completeMany(
    request: CompletionRequest,
    count: number,
    call?: CompletionCall,
  ): Promise<readonly Completion[]>;
  /** How the endpoint takes grammars: as declared, or found out at the first call. */
  grammarStyle(ref?: ModelRef, call?: EndpointCall): Promise<GrammarStyle>;
  listModels(endpoint?: string, call?: EndpointCall): Promise<readonly ListedModel[]>;
  /** Whether the endpoint answers; not tried again, so that a boot check or a doctor is quick. */
  probeEndpoint(endpoint?: string, call?: EndpointCall): Promise<EndpointReport>;
  /** The endpoints as they are used, without their keys; the first one is the default. */
  readonly endpoints: readonly Omit<ModelEndpoint, 'apiKey'>[];
  /** Closes every connection; requests in flight fail. */
  close(): Promise<void>;
}

/**
 * Creates the client of the configured endpoints.
 *
 * @throws FlowError INVALID_ARGUMENT, reason MODEL_ENDPOINTS_INVALID
 */
export function createModelClient(options: ModelClientOptions): ModelClient {
  return new Client(options);
}

/** An endpoint with what has been learned about it. */
interface Known {
  readonly session: EndpointSession;
  readonly grammarStyle: ReturnType<typeof createOnce<GrammarStyle>>;
  readonly continueFlags: ReturnType<typeof createOnce<boolean>>;
  /** Set to false once the server has not drawn several samples by one request. */
  drawsMany: boolean;
}

/** A request in the middle of being carried out. */
interface Work {
  readonly request: CompletionRequest;
  readonly call: CompletionCall;
  readonly scope: CallScope;
  readonly known: Known;
  readonly model: string;
  readonly grammarStyle: GrammarStyle | undefined;
  readonly continueFlags: boolean;
}

/** Seeds are sent within 31 bits, which every server takes. */
const seedRange = 2 ** 31;

class Client implements ModelClient {
  readonly endpoints: readonly Omit<ModelEndpoint, 'apiKey'>[];
  readonly #configured: readonly ModelEndpoint[];
  readonly #known = new Map<string, Known>();
  readonly #options: ModelClientOptions;
  readonly #clock: Clock;

  constructor(options: ModelClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#configured = parseEndpoints(options.endpoints);
    this.endpoints = this.#configured.map(({ apiKey: _, ...shown }) => shown);
  }

  async complete(request: CompletionRequest, call: CompletionCall = {}): Promise<Completion> {
    const [completion] = await this.completeMany(request, 1, call);
    if (completion === undefined) throw new Error('a request for one sample gave none');
    return completion;
  }

  async completeMany(
    request: CompletionRequest,
    count: number,
    call: CompletionCall = {},
  ): Promise<readonly Completion[]> {
    checkRequest(request, count);
    const known = this.#endpoint(request.ref?.endpoint);
    const model = modelOf(known.session.endpoint, request.ref);
    return this.#inScope(call, (scope) =>
      withSpan('model.complete', { attributes: spanAttributes(known, model) }, async (span) => {
        const work: Work = {
          request,
          call,
          scope,
          known,
          model,
          grammarStyle:
            request.grammar === undefined
              ? undefined
              : await this.#requireGrammar(known, model, scope, call.budget),
          continueFlags: await this.#needsContinueFlags(known, request, scope),
        };
        const completions = await this.#answerAll(work, count);
        span.setAttributes(usageAttributes(completions));
        return completions;
      }),
    );
  }

  grammarStyle(ref: ModelRef = {}, call: EndpointCall = {}): Promise<GrammarStyle> {
    return this.#inScope(call, async (scope) => {
      const known = this.#endpoint(ref.endpoint);
      const declared = known.session.endpoint.grammarStyle;
      if (declared !== 'auto') return declared;
      return this.#probedGrammarStyle(known, modelOf(known.session.endpoint, ref), scope, call.budget);
    });
  }

  listModels(endpoint?: string, call: EndpointCall = {}): Promise<readonly ListedModel[]> {
    return this.#inScope(call, (scope) => this.#list(this.#endpoint(endpoint), scope));
  }

  probeEndpoint(endpoint?: string, call: EndpointCall = {}): Promise<EndpointReport> {
    return this.#inScope(call, async (scope) => {
      const known = this.#endpoint(endpoint);
      const { name, defaultModel } = known.session.endpoint;
      const startMs = this.#clock.now();
      const models = (await this.#list(known, scope)).map((model) => model.id);
      return {
        endpoint: name,
        url: displayUrl(known.session.endpoint),
        models,
        defaultModel,
        defaultModelListed: defaultModel === undefined || models.includes(defaultModel),
        latencyMs: this.#clock.now() - startMs,
      };
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#known.values()].map(({ session }) => session.transport.close()));
  }

  async #inScope<T>(call: EndpointCall, work: (scope: CallScope) => Promise<T>): Promise<T> {
    const scope = openScope(call, this.#clock);
    try {
      scope.signal.throwIfAborted();
      return await work(scope);
    } finally {
      scope.close();
    }
  }

  #endpoint(name: string | undefined): Known {
    const endpoint = name === undefined ? this.#configured[0] : this.#configured.find((e) => e.name === name);
    if (endpoint === undefined) {
      const names = this.#configured.map((configured) => `'${configured.name}'`).join(', ');
      throw new FlowError(
        'INVALID_ARGUMENT',
        'MODEL_ENDPOINT_UNKNOWN',
        `There is no model endpoint '${name}'.`,
        { hint: `Use one of ${names}, or configure it.` },
      );
    }
    const before = this.#known.get(endpoint.name);
    if (before !== undefined) return before;
    const known: Known = {
      session: new EndpointSession(endpoint, apiKeyOf(endpoint, this.#options.environment ?? process.env), {
        clock: this.#clock,
        random: this.#options.random ?? Math.random,
        logger: this.#options.logger,
      }),
      grammarStyle: createOnce(),
      continueFlags: createOnce(),
      drawsMany: true,
    };
    this.#known.set(endpoint.name, known);
    return known;
  }

  async #answerAll(work: Work, count: number): Promise<readonly Completion[]> {
    const first = work.request.sampleIndex ?? 0;
    const indices = Array.from({ length: count }, (_, offset) => first + offset);
    const cached = await Promise.all(indices.map((index) => this.#lookUp(work, index)));
    const missing = indices.filter((_, at) => cached[at] === undefined);
    const fresh = new Map<number, Completion>();
    for (const completion of await this.#draw(work, missing)) {
      fresh.set(completion.sampleIndex, completion);
      await this.#store(work, completion);
    }
    return indices.flatMap((index, at) => cached[at] ?? fresh.get(index) ?? []);
  }

  /** Draws these samples: by one request where they follow each other and the server can, else one each. */
  async #draw(work: Work, indices: readonly number[]): Promise<readonly Completion[]> {
    const first = indices[0];
    const last = indices.at(-1);
    if (first === undefined || last === undefined) return [];
    if (indices.length === 1) return this.#drawTogether(work, first, 1);
    if (!work.known.drawsMany || last - first + 1 !== indices.length) return this.#drawEach(work, indices);
    let together: readonly Completion[] = [];
    try {
      together = await this.#drawTogether(work, first, indices.length);
    } catch (error) {
      if (!(error instanceof FlowError && error.reason === 'MODEL_REJECTED')) throw error;
    }
    if (together.length === indices.length) return together;
    const others = await this.#drawEach(work, indices.slice(together.length));
    work.known.drawsMany = false;
    return [...together, ...others];
  }

  async #drawEach(work: Work, indices: readonly number[]): Promise<readonly Completion[]> {
    // The first failure ends the others: their answers would be paid for and thrown away.
    const stop = new AbortController();
    const scope = { ...work.scope, signal: AbortSignal.any([work.scope.signal, stop.signal]) };
    const draws = indices.map(async (index) => {
      try {
        return await this.#drawTogether({ ...work, scope }, index, 1);
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    });
    const settled = await Promise.allSettled(draws);
    if (stop.signal.aborted) throw stop.signal.reason;
    return settled.flatMap((draw) => (draw.status === 'fulfilled' ? draw.value : []));
  }

  async #drawTogether(work: Work, first: number, samples: number): Promise<readonly Completion[]> {
    const { request, call, known, model } = work;
    const { onDelta, onRestart } = call;
    const seed = seedOf(request, first);
    const answer = await known.session.send({
      model,
      request,
      body: chatBody(request, {
        endpoint: known.session.endpoint,
        model,
        samples,
        seed,
        grammarStyle: work.grammarStyle,
        continueFlags: work.continueFlags,
      }),
      samples,
      budget: call.budget,
      scope: work.scope,
      onRestart: onRestart && (() => onRestart({ firstIndex: first, count: samples })),
      ...(onDelta === undefined
        ? {}
        : { onPiece: (index, piece) => onDelta({ ...piece, sampleIndex: first + index }) }),
    });
    return answer.samples.slice(0, samples).map((sample, offset) => ({
      ...sample,
      usage: offset === 0 ? answer.usage : noUsage(answer),
      model,
      endpoint: known.session.endpoint.name,
      seed: offset === 0 ? seed : undefined,
      sampleIndex: first + offset,
      cached: false,
    }));
  }

  async #lookUp(work: Work, sampleIndex: number): Promise<Completion | undefined> {
    const { cache, logger } = this.#options;
    if (cache === undefined || work.call.useCache === false) return undefined;
    let found: Completion | undefined;
    try {
      found = await cache.get(keyOf(work, sampleIndex));
    } catch (error) {
      logger?.warn({ error: String(error) }, 'the completion cache cannot be read');
    }
    if (found === undefined) return undefined;
    work.call.onDelta?.({ text: found.text, reasoning: found.reasoning, sampleIndex });
    return { ...found, cached: true };
  }

  async #store(work: Work, completion: Completion): Promise<void> {
    const { cache, logger } = this.#options;
    if (cache === undefined || work.call.useCache === false) return;
    try {
      await cache.set(keyOf(work, completion.sampleIndex), completion);
    } catch (error) {
      logger?.warn({ error: String(error) }, 'the completion cache cannot be written');
    }
  }

  async #requireGrammar(
    known: Known,
    model: string,
    scope: CallScope,
    budget: BudgetGate | undefined,
  ): Promise<GrammarStyle> {
    const { name, grammarStyle } = known.session.endpoint;
    const style =
      grammarStyle === 'auto' ? await this.#probedGrammarStyle(known, model, scope, budget) : grammarStyle;
    if (style !== 'none') return style;
    throw new FlowError(
      'FAILED_PRECONDITION',
      'MODEL_GRAMMAR_UNSUPPORTED',
      `Endpoint '${name}' does not take grammars, so model '${model}' cannot be held to one.`,
      {
        hint: `Use an endpoint that takes grammars (vLLM, llama.cpp, our model server), or set grammarStyle of '${name}' if it does.`,
        metadata: { endpoint: name, model },
      },
    );
  }

  #probedGrammarStyle(
    known: Known,
    model: string,
    scope: CallScope,
    budget: BudgetGate | undefined,
  ): Promise<GrammarStyle> {
    return known.grammarStyle(() => probeGrammarStyle(known.session, model, scope, budget), scope.signal);
  }

  async #needsContinueFlags(known: Known, request: CompletionRequest, scope: CallScope): Promise<boolean> {
    const { continueStyle, grammarStyle } = known.session.endpoint;
    if (begunAnswer(request) === undefined || continueStyle === 'plain') return false;
    if (continueStyle === 'continue_final_message' || grammarStyle === 'structured_outputs') return true;
    return known.continueFlags(async () => {
      const models = await this.#list(known, scope);
      return models.some((model) => model.ownedBy === 'vllm');
    }, scope.signal);
  }

  async #list(known: Known, scope: CallScope): Promise<readonly ListedModel[]> {
    const place = known.session.place();
    const limitMs = ModelLimits.listTimeoutMs;
    const timeout = new AbortController();
    const cancel = this.#clock.after(limitMs, () => timeout.abort(timeoutError('list', limitMs, place)));
    try {
      return await known.session.transport.listModels(AbortSignal.any([scope.signal, timeout.signal]));
    } catch (error) {
      scope.signal.throwIfAborted();
      const cause: unknown = timeout.signal.aborted ? timeout.signal.reason : error;
      throw toAttemptError(cause, place, this.#clock.now()).flowError;
    } finally {
      cancel();
    }
  }
}

function modelOf(endpoint: ModelEndpoint, ref: ModelRef | undefined): string {
  const model = ref?.model ?? endpoint.defaultModel;
  if (model !== undefined) return model;
  throw new FlowError(
    'INVALID_ARGUMENT',
    'MODEL_NOT_NAMED',
    `No model is named, and endpoint '${endpoint.name}' has no default model.`,
    { hint: `Name a model, or set defaultModel of endpoint '${endpoint.name}'.` },
  );
}

function seedOf(request: CompletionRequest, sampleIndex: number): number | undefined {
  return request.seed === undefined ? undefined : ((request.seed % seedRange) + sampleIndex) % seedRange;
}

function keyOf(work: Work, sampleIndex: number): string {
  const { baseUrl } = work.known.session.endpoint;
  return cacheKey(work.request, {
    scope: work.call.cacheScope ?? '',
    baseUrl,
    model: work.model,
    sampleIndex,
  });
}

/** Of the further samples of one request: the first one carries it all. */
function noUsage(answer: SessionAnswer): SessionAnswer['usage'] {
  return {
    ...answer.usage,
    promptTokens: 0,
    completionTokens: 0,
    costUsd: answer.usage.costUsd === undefined ? undefined : 0,
  };
}

function spanAttributes(known: Known, model: string): Record<string, string> {
  return { [Attribute.endpoint]: known.session.endpoint.name, [Attribute.model]: model };
}

function usageAttributes(completions: readonly Completion[]): Record<string, number> {
  const paid = completions.filter((completion) => !completion.cached);
  return {
    [Attribute.inputTokens]: paid.reduce((sum, { usage }) => sum + usage.promptTokens, 0),
    [Attribute.outputTokens]: paid.reduce((sum, { usage }) => sum + usage.completionTokens, 0),
  };
}
