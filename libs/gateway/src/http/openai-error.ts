import { z } from '@hono/zod-openapi';
import { httpFailureOf } from './http-status.js';

/** The body of a failed request, as OpenAI's API words it. */
export const openAiErrorSchema = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.enum(['invalid_request_error', 'rate_limit_error', 'server_error']),
      param: z.string().nullable().openapi({ description: 'the field that is wrong' }),
      code: z.string().openapi({ description: 'stable identifier, such as model_not_found' }),
    }),
  })
  .openapi('OpenAIError');

/** See {@link openAiErrorSchema}. */
export type OpenAiErrorBody = z.infer<typeof openAiErrorSchema>;

/** Codes that clients of OpenAI know under other names than ours. */
const codes: Readonly<Record<string, string>> = {
  KEY_MISSING: 'invalid_api_key',
  KEY_UNKNOWN: 'invalid_api_key',
  KEY_REVOKED: 'invalid_api_key',
  KEY_EXPIRED: 'invalid_api_key',
  RATE_LIMITED: 'rate_limit_exceeded',
};

/** Puts an error into OpenAI's shape. */
export function openAiError(error: unknown): OpenAiErrorBody {
  const { status, reason, message, fields } = httpFailureOf(error);
  const type = status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error';
  const code = codes[reason] ?? reason.toLowerCase();
  return { error: { message, type, param: fields[0]?.field ?? null, code } };
}
