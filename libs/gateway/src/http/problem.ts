import { STATUS_CODES } from 'node:http';
import { z } from '@hono/zod-openapi';
import { httpFailureOf } from './http-status.js';

/** Media type of problem details. */
export const problemType = 'application/problem+json';

/** Problem details (RFC 9457); `reason`, `errors` and `request_id` are extension members. */
export const problemSchema = z
  .object({
    type: z.string().openapi({ description: 'urn:flowreasoner:problem: and the reason', format: 'uri' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    reason: z.string().openapi({ description: 'stable identifier, such as RUN_NOT_FOUND' }),
    request_id: z.string(),
    errors: z
      .array(z.object({ field: z.string(), detail: z.string() }))
      .optional()
      .openapi({ description: 'the fields that are wrong' }),
  })
  .openapi('Problem');

/** See {@link problemSchema}. */
export type Problem = z.infer<typeof problemSchema>;

/** Describes an error as problem details. */
export function problemOf(error: unknown, requestId: string): Problem {
  const { status, reason, message, fields } = httpFailureOf(error);
  return {
    type: `urn:flowreasoner:problem:${reason.toLowerCase().replaceAll('_', '-')}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    reason,
    request_id: requestId,
    ...(fields.length === 0
      ? {}
      : { errors: fields.map(({ field, description }) => ({ field, detail: description })) }),
  };
}
