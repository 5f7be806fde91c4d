import { FlowError } from '@flowreasoner/rpc';
import { z } from 'zod';

/** What a model costs, in USD per million tokens. */
export const modelPriceSchema = z.strictObject({
  promptUsdPerMillion: z.number().min(0),
  completionUsdPerMillion: z.number().min(0),
});

/** See {@link modelPriceSchema}. */
export type ModelPrice = z.infer<typeof modelPriceSchema>;

/** How an endpoint takes a grammar; see `modelEndpointSchema`. */
export type GrammarStyle = 'structured_outputs' | 'grammar' | 'none';

/** One OpenAI-compatible server, as configuration names it. */
export const modelEndpointSchema = z.strictObject({
  /** Name by which requests, logs and errors speak of it. */
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'use letters, digits, dots, dashes, at most 63'),
  /** URL up to and including the version, such as `https://api.openai.com/v1`. */
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL, such as http://127.0.0.1:8000/v1' })
    .refine((url) => !hasUserInfo(url), 'must not hold a user or password; use apiKey or apiKeyEnv')
    .transform((url) => url.replace(/\/+$/, '')),
  /** Bearer token. Prefer `apiKeyEnv`, which keeps it out of files. */
  apiKey: z.string().min(1).optional(),
  /** Name of the environment variable that holds the bearer token. */
  apiKeyEnv: z.string().min(1).optional(),
  /** Model of requests that name none. */
  defaultModel: z.string().min(1).optional(),
  /**
   * How it takes a grammar: `structured_outputs` (vLLM: `structured_outputs.grammar`), `grammar`
   * (llama.cpp and our model server), `none`, or `auto`: found out once with a one-word grammar.
   */
  grammarStyle: z.enum(['auto', 'structured_outputs', 'grammar', 'none']).default('auto'),
  /**
   * How it goes on with an answer that the caller has begun: `plain` (a closing assistant message is
   * enough: llama.cpp, our model server), `continue_final_message` (vLLM's flags), or `auto`: by
   * what `/v1/models` says of its owner, once.
   */
  continueStyle: z.enum(['auto', 'plain', 'continue_final_message']).default('auto'),
  /**
   * How operators ask it for code: `chat` (a question, answered in full), `continue` (they begin the
   * answer), or `auto`: `continue` for local endpoints, `chat` for all others.
   */
  promptStyle: z.enum(['auto', 'chat', 'continue']).default('auto'),
  /** Body field of the output limit. `auto`: `max_completion_tokens` at api.openai.com, else `max_tokens`. */
  maxTokensField: z.enum(['auto', 'max_tokens', 'max_completion_tokens']).default('auto'),
  /** Requests in flight at the same time; the others wait in the order they came. */
  concurrency: z.int().min(1).max(1024).default(8),
  /** A server of our own, whose tokens cost nothing. */
  local: z.boolean().default(false),
  /** Prices by model. A model that is not listed has an unknown price, unless the endpoint is local. */
  prices: z.record(z.string(), modelPriceSchema).default({}),
  /** Longest time of one attempt, in milliseconds. */
  requestTimeoutMs: z.int().min(1).max(86_400_000).default(600_000),
  /** Longest silence within an attempt: before the first byte, and between two pieces; milliseconds. */
  idleTimeoutMs: z.int().min(1).max(86_400_000).default(180_000),
  /** Further attempts after the first one failed in a way that may pass. */
  maxRetries: z.int().min(0).max(20).default(4),
});

/** A checked endpoint; see {@link modelEndpointSchema}. */
export type ModelEndpoint = z.output<typeof modelEndpointSchema>;

/** An endpoint as it is written, with defaults left out. */
export type ModelEndpointInput = z.input<typeof modelEndpointSchema>;

/**
 * Checks a list of endpoints; the first is the default one.
 *
 * @throws FlowError INVALID_ARGUMENT with reason MODEL_ENDPOINTS_INVALID, naming every problem
 */
export function parseEndpoints(inputs: readonly ModelEndpointInput[]): ModelEndpoint[] {
  const names = new Set<string>();
  const problems: string[] = inputs.length === 0 ? ['at least one endpoint is needed'] : [];
  const endpoints = inputs.flatMap((input, index) => {
    const parsed = modelEndpointSchema.safeParse(input);
    if (!parsed.success) {
      problems.push(
        ...parsed.error.issues.map(
          (issue) => `endpoints[${index}].${issue.path.join('.')}: ${issue.message}`,
        ),
      );
      return [];
    }
    if (names.has(parsed.data.name)) problems.push(`endpoints[${index}].name: used twice`);
    names.add(parsed.data.name);
    return [parsed.data];
  });
  if (problems.length === 0) return endpoints;
  throw new FlowError(
    'INVALID_ARGUMENT',
    'MODEL_ENDPOINTS_INVALID',
    `The model endpoints are not usable: ${problems.join('; ')}.`,
    { hint: 'Correct the listed settings of the model endpoints.' },
  );
}

/** The price of a model there: zero when local, undefined when it is not known. */
export function priceOf(
  endpoint: Pick<ModelEndpoint, 'local' | 'prices'>,
  model: string,
): ModelPrice | undefined {
  if (endpoint.local) return { promptUsdPerMillion: 0, completionUsdPerMillion: 0 };
  return Object.hasOwn(endpoint.prices, model) ? endpoint.prices[model] : undefined;
}

/** What these tokens cost in USD; undefined when the price is. */
export function costUsd(
  price: ModelPrice | undefined,
  tokens: { readonly promptTokens: number; readonly completionTokens: number },
): number | undefined {
  if (price === undefined) return undefined;
  return (
    (tokens.promptTokens * price.promptUsdPerMillion +
      tokens.completionTokens * price.completionUsdPerMillion) /
    1_000_000
  );
}

/** The URL as people may see it: without the query, which can hold a key. */
export function displayUrl(endpoint: ModelEndpoint): string {
  const url = new URL(endpoint.baseUrl);
  return `${url.origin}${url.pathname === '/' ? '' : url.pathname}`;
}

/**
 * The endpoint's bearer token, if it has one.
 *
 * @throws FlowError FAILED_PRECONDITION with reason MODEL_KEY_MISSING when the named variable is not set
 */
export function apiKeyOf(
  endpoint: ModelEndpoint,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (endpoint.apiKey !== undefined) return endpoint.apiKey;
  if (endpoint.apiKeyEnv === undefined) return undefined;
  const key = environment[endpoint.apiKeyEnv]?.trim();
  if (key !== undefined && key !== '') return key;
  throw new FlowError(
    'FAILED_PRECONDITION',
    'MODEL_KEY_MISSING',
    `Endpoint '${endpoint.name}' takes its key from ${endpoint.apiKeyEnv}, which is not set.`,
    { hint: `Set the environment variable ${endpoint.apiKeyEnv}.`, metadata: { endpoint: endpoint.name } },
  );
}

function hasUserInfo(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.username !== '' || url.password !== '');
}
