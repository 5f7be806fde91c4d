import { readFileSync } from 'node:fs';
import { ConfigError } from '@flowreasoner/config';
import type { ModelEndpointInput } from '@flowreasoner/model';
import { z } from 'zod';

const list = 'FLOW_MODEL_ENDPOINTS';
const listFile = 'FLOW_MODEL_ENDPOINTS_FILE';

// `promptStyle` is for the workflow-runner, which reads the same list; the model client checks the rest.
const entriesSchema = z
  .array(z.looseObject({ name: z.string(), promptStyle: z.unknown().optional() }))
  .min(1);

/**
 * The endpoints of meta models: the JSON array in FLOW_MODEL_ENDPOINTS or in the
 * file that FLOW_MODEL_ENDPOINTS_FILE names; without either, one endpoint
 * `default` from OPENAI_BASE_URL, OPENAI_API_KEY and FLOW_MODEL.
 *
 * @throws ConfigError
 */
export function readModelEndpoints(
  env: Readonly<Record<string, string | undefined>>,
): readonly ModelEndpointInput[] {
  const [inline, file] = [env[list] || undefined, env[listFile] || undefined];
  if (inline !== undefined && file !== undefined) {
    throw new ConfigError([{ variable: listFile, message: `must not be set together with ${list}` }]);
  }
  if (inline !== undefined) return parse(inline, list);
  if (file !== undefined) return parse(readText(file), listFile);
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

function parse(text: string, variable: string): ModelEndpointInput[] {
  const wrong = new ConfigError([
    { variable, message: 'must be a JSON array of endpoints, each with a name' },
  ]);
  try {
    const parsed = entriesSchema.safeParse(JSON.parse(text));
    if (!parsed.success) throw wrong;
    return parsed.data.map(({ promptStyle: _, ...endpoint }) => endpoint as unknown as ModelEndpointInput);
  } catch {
    throw wrong;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError([{ variable: listFile, message: `can't be read: ${reason}` }]);
  }
}
