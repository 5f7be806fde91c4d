import { createLimiter, type FlowError, type Limiter } from '@flowreasoner/rpc';
import { runAttempt } from './attempt.js';
import type { RawAnswer } from './answer-reader.js';
import { retryDelayMs } from './backoff.js';
import type { BudgetGate } from './budget-gate.js';
import type { CallScope } from './call-scope.js';
import { begunAnswer } from './chat-body.js';
import type { CompletionRequest } from './completion.js';
import { costUsd, displayUrl, priceOf } from './endpoint.js';
import type { ModelEndpoint } from './endpoint.js';
import { ModelLimits } from './limits.js';
import { AttemptError } from './model-error.js';
import type { ErrorPlace } from './model-error.js';
import type { Clock, ModelLogger, RandomSource } from './ports.js';
import { createRedactor } from './redact.js';
import { sleep } from './sleep.js';
import { endsInsideThink } from './think-splitter.js';
import { requestBound } from './request-bound.js';
import { createTransport } from './transport.js';
import type { Transport } from './transport.js';

/** A request that is ready to be sent. */
export interface SessionRequest {
  readonly model: string;
  readonly request: CompletionRequest;
  readonly body: Readonly<Record<string, unknown>>;
  /** Samples that it draws. */
  readonly samples: number;
  readonly budget: BudgetGate | undefined;
  readonly scope: CallScope;
  readonly onPiece?: (index: number, piece: { readonly text: string; readonly reasoning: string }) => void;
  readonly onRestart?: (() => void | Promise<void>) | undefined;
}

/** An answer with what it was charged. */
export interface SessionAnswer {
  readonly samples: RawAnswer['samples'];
  readonly usage: {
    readonly promptTokens: number;
    readonly completionTokens: number;
    readonly costUsd: number | undefined;
    readonly reported: boolean;
  };
}

/** What a session needs from outside. */
export interface SessionPorts {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: ModelLogger | undefined;
}

/**
 * One endpoint as the client uses it: its connection, its places, and the rules
 * by which requests are paid for and tried again.
 */
export class EndpointSession {
  readonly transport: Transport;
  readonly #limiter: Limiter;
  readonly #redact: (text: string) => string;
  readonly #ports: SessionPorts;

  constructor(
    readonly endpoint: ModelEndpoint,
    apiKey: string | undefined,
    ports: SessionPorts,
  ) {
    this.transport = createTransport(endpoint, apiKey);
    this.#limiter = createLimiter(endpoint.concurrency);
    this.#redact = createRedactor(secretsOf(endpoint, apiKey));
    this.#ports = ports;
  }

  /** Where an error about this model happened. */
  place(model?: string): ErrorPlace {
    return {
      endpoint: this.endpoint.name,
      url: displayUrl(this.endpoint),
      redact: this.#redact,
      ...(model === undefined ? {} : { model }),
    };
  }

  /**
   * Sends the request, again where that may help, and returns its answer.
   *
   * @throws FlowError of the last attempt, of the budget, or of the scope's end
   */
  async send(request: SessionRequest): Promise<SessionAnswer> {
    for (let attempt = 0; ; attempt += 1) {
      let handedOut = false;
      try {
        return await this.#attempt(request, (index, piece) => {
          handedOut = true;
          request.onPiece?.(index, piece);
        });
      } catch (error) {
        if (!(error instanceof AttemptError)) throw error;
        const waitMs = this.#retryDelay(error, attempt, request, handedOut);
        if (waitMs === undefined) throw error.flowError;
        this.#warnOfRetry(error.flowError, request.model, attempt, waitMs);
        await sleep(this.#ports.clock, waitMs, request.scope.signal);
        if (handedOut || error.mayHaveRun) await request.onRestart?.();
      }
    }
  }

  async #attempt(
    request: SessionRequest,
    onPiece: SessionRequest['onPiece'] & object,
  ): Promise<SessionAnswer> {
    const { model, samples, scope } = request;
    const price = priceOf(this.endpoint, model);
    const most = requestBound(this.endpoint, model, request.request, samples);
    // Money first, then a place: a run that waits for its own budget must not keep others from theirs.
    const reservation = await request.budget?.reserve(
      { kind: 'model', endpoint: this.endpoint.name, model, modelCalls: samples, ...most },
      scope.signal,
    );
    let leave: (() => void) | undefined;
    let sent = false;
    try {
      leave = await this.#limiter.acquire(scope.signal);
      sent = true;
      const answer = await runAttempt({
        transport: this.transport,
        clock: this.#ports.clock,
        place: this.place(model),
        timeouts: this.endpoint,
        body: request.body,
        insideThink: endsInsideThink(begunAnswer(request.request) ?? ''),
        signal: scope.signal,
        onPiece,
      });
      const used =
        answer.usage === undefined ? most : { ...answer.usage, costUsd: costUsd(price, answer.usage) };
      // A server that ignores `n` gives one; the others are asked for by requests of their own.
      reservation?.settle({ modelCalls: Math.min(samples, answer.samples.length), ...used });
      this.#warnOfOverrun(model, used, most);
      return { samples: answer.samples, usage: { ...used, reported: answer.usage !== undefined } };
    } catch (error) {
      const mayHaveRun = sent && (!(error instanceof AttemptError) || error.mayHaveRun);
      if (mayHaveRun) reservation?.settle();
      else reservation?.release();
      throw error;
    } finally {
      leave?.();
    }
  }

  /** How long to wait before the next attempt; undefined where there is to be none. */
  #retryDelay(
    error: AttemptError,
    attempt: number,
    request: SessionRequest,
    handedOut: boolean,
  ): number | undefined {
    const { retryAfterMs } = error.flowError.options;
    if (!error.retryable || attempt >= this.endpoint.maxRetries) return undefined;
    if (handedOut && request.onPiece !== undefined && request.onRestart === undefined) return undefined;
    if (retryAfterMs !== undefined && retryAfterMs > ModelLimits.retryAfterMs) return undefined;
    const waitMs = retryDelayMs(attempt, this.#ports.random, retryAfterMs);
    return this.#ports.clock.now() + waitMs < request.scope.deadlineMs ? waitMs : undefined;
  }

  #warnOfRetry(error: FlowError, model: string, attempt: number, waitMs: number): void {
    this.#ports.logger?.warn(
      {
        endpoint: this.endpoint.name,
        model,
        reason: error.reason,
        attempt: attempt + 1,
        waitMs: Math.round(waitMs),
      },
      `model request is tried again: ${error.message}`,
    );
  }

  #warnOfOverrun(
    model: string,
    used: { readonly promptTokens: number; readonly completionTokens: number },
    most: { readonly promptTokens: number; readonly completionTokens: number },
  ): void {
    if (used.promptTokens + used.completionTokens <= most.promptTokens + most.completionTokens) return;
    this.#ports.logger?.warn(
      { endpoint: this.endpoint.name, model, used, most },
      'endpoint reports more tokens than the request allowed',
    );
  }
}

/** The key, and the values of the base URL's query, where some services take it. */
function secretsOf(endpoint: ModelEndpoint, apiKey: string | undefined): string[] {
  const query = [...new URL(endpoint.baseUrl).searchParams.values()];
  return [...(apiKey === undefined ? [] : [apiKey]), ...query];
}
