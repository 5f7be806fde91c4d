import { readFileSync } from 'node:fs';
import { ConfigError } from '@flowreasoner/config';
import type { ModelEndpointInput } from '@flowreasoner/model';
import type { PromptStyle } from '@flowreasoner/runner';
import { z } from 'zod';

/** The model endpoints of a service. */
export interface ModelEndpoints {
  /** As `createModelClient` takes them; it checks the rest of their fields. */
  readonly endpoints: readonly ModelEndpointInput[];
  /** Prompt styles by endpoint name, where one is set. */
  readonly promptStyles: ReadonlyMap<string, PromptStyle>;
}

const LIST = 'FLOW_MODEL_ENDPOINTS';
const FILE = 'FLOW_MODEL_ENDPOINTS_FILE';

const entrySchema = z.looseObject({
  name: z.string(),
  promptStyle: z.enum(['chat', 'continue']).optional(),
});

/**
 * Reads the model endpoints: the JSON array in FLOW_MODEL_ENDPOINTS or in the file
 * that FLOW_MODEL_ENDPOINTS_FILE names; without either, one endpoint `default`
 * from OPENAI_BASE_URL, OPENAI_API_KEY and FLOW_MODEL.
 *
 * @throws ConfigError
 */
export function readModelEndpoints(env: Readonly<Record<string, string | undefined>>): ModelEndpoints {
  const inline = env[LIST] || undefined;
  const file = env[FILE] || undefined;
  if (inline !== undefined && file !== undefined) {
    throw new ConfigError([{ variable: FILE, message: `must not be set together with ${LIST}` }]);
  }
  if (inline !== undefined) return parseEndpoints(inline, LIST);
  if (file !== undefined) return parseEndpoints(readText(file), FILE);
  return { endpoints: [defaultEndpoint(env)], promptStyles: new Map() };
}

function defaultEndpoint(env: Readonly<Record<string, string | undefined>>): ModelEndpointInput {
  const model = env['FLOW_MODEL'] || undefined;
  return {
    name: 'default',
    baseUrl: env['OPENAI_BASE_URL'] || 'https://api.openai.com/v1',
    ...(env['OPENAI_API_KEY'] ? { apiKeyEnv: 'OPENAI_API_KEY' } : {}),
    ...(model === undefined ? {} : { defaultModel: model }),
  };
}

function parseEndpoints(text: string, variable: string): ModelEndpoints {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ConfigError([{ variable, message: 'must be a JSON array of endpoints' }]);
  }
  const parsed = z.array(entrySchema).min(1).safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({
      variable,
      message: `${path.join('.') || 'the list'}: ${message}`,
    }));
    throw new ConfigError(problems);
  }
  const promptStyles = new Map<string, PromptStyle>();
  const endpoints = parsed.data.map(({ promptStyle, ...endpoint }) => {
    if (promptStyle !== undefined) promptStyles.set(endpoint.name, promptStyle);
    return endpoint as unknown as ModelEndpointInput;
  });
  return { endpoints, promptStyles };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError([{ variable: FILE, message: `can't be read: ${reason}` }]);
  }
}
