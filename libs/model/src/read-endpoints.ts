import { readFileSync } from 'node:fs';
import { ConfigError } from '@flowreasoner/config';
import { z } from 'zod';
import { modelEndpointSchema } from './endpoint.js';
import type { ModelEndpointInput } from './endpoint.js';

const LIST = 'FLOW_MODEL_ENDPOINTS';
const FILE = 'FLOW_MODEL_ENDPOINTS_FILE';

/**
 * Reads a service's model endpoints: the JSON array in FLOW_MODEL_ENDPOINTS or in
 * the file that FLOW_MODEL_ENDPOINTS_FILE names; without either, one endpoint
 * `default` from OPENAI_BASE_URL, OPENAI_API_KEY and FLOW_MODEL.
 *
 * @throws ConfigError with every field that is wrong, and none of their values
 */
export function readModelEndpoints(
  env: Readonly<Record<string, string | undefined>>,
): readonly ModelEndpointInput[] {
  const inline = env[LIST] || undefined;
  const file = env[FILE] || undefined;
  if (inline !== undefined && file !== undefined) {
    throw new ConfigError([{ variable: FILE, message: `must not be set together with ${LIST}` }]);
  }
  if (inline !== undefined) return parseList(inline, LIST);
  if (file !== undefined) return parseList(readText(file), FILE);
  const model = env['FLOW_MODEL'] || undefined;
  return [
    {
      name: 'default',
      baseUrl: env['OPENAI_BASE_URL'] || 'https://api.openai.com/v1',
      ...(env['OPENAI_API_KEY'] ? { apiKeyEnv: 'OPENAI_API_KEY' } : {}),
      ...(model === undefined ? {} : { defaultModel: model }),
    },
  ];
}

function parseList(text: string, variable: string): readonly ModelEndpointInput[] {
  const parsed = z.array(modelEndpointSchema).min(1).safeParse(parseJson(text, variable));
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map(({ path, message }) => ({
      variable,
      message: `${path.join('.') || 'the list'}: ${message}`,
    })),
  );
}

function parseJson(text: string, variable: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What the parser says quotes the text, which may hold a key.
    throw new ConfigError([{ variable, message: 'must be a JSON array of endpoints' }]);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError([{ variable: FILE, message: `can't be read: ${reason}` }]);
  }
}
