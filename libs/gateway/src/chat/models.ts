import { z } from '@hono/zod-openapi';
import { FlowError } from '@flowreasoner/rpc';

/** What a model's name asks for. */
export interface ModelChoice {
  /** Policy; empty means the server's default. */
  readonly policy: string;
  /** Rounds at most; undefined means the server's default. */
  readonly maxRounds: number | undefined;
}

/** One model, as OpenAI's API describes it. */
export const modelSchema = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int(),
    owned_by: z.literal('flowreasoner'),
  })
  .openapi('Model');

/** The models on offer. */
export const modelListSchema = z
  .object({ object: z.literal('list'), data: z.array(modelSchema) })
  .openapi('ModelList');

const base = 'flowreasoner';
const fast: ModelChoice = { policy: 'search', maxRounds: 3 };
// Longer names than any policy may have.
const form = /^flowreasoner-([a-z0-9][a-z0-9_-]{0,63})$/;

/**
 * Reads a model's name: `flowreasoner` (the server's own policy), `flowreasoner-fast` (three rounds
 * of `search`), or `flowreasoner-<policy>`, where `fixed:<name>` is spelled `fixed-<name>`. Whether
 * there is such a policy, the meta-agent knows.
 *
 * @throws FlowError NOT_FOUND MODEL_NOT_FOUND
 */
export function readModel(id: string): ModelChoice {
  if (id === base) return { policy: '', maxRounds: undefined };
  if (id === `${base}-fast`) return fast;
  const name = form.exec(id)?.[1];
  if (name === undefined) throw modelNotFound(id);
  return { policy: name.replace(/^fixed-/, 'fixed:'), maxRounds: undefined };
}

/** Names of the models by which these policies are asked for. */
export function modelIds(policies: readonly string[]): string[] {
  return [
    base,
    `${base}-fast`,
    ...policies.map((policy) => `${base}-${policy.replace(/^fixed:/, 'fixed-')}`),
  ];
}

/** Describes a model; `created` is in seconds since 1970. */
export function modelCard(id: string, created: number): z.infer<typeof modelSchema> {
  return { id, object: 'model', created, owned_by: 'flowreasoner' };
}

/** The error about a model that does not exist. */
export function modelNotFound(id: string, why?: string): FlowError {
  const shown = JSON.stringify(id.slice(0, 100));
  return new FlowError(
    'NOT_FOUND',
    'MODEL_NOT_FOUND',
    `There is no model ${shown}${why === undefined ? '' : `: its policy ${why}`}.`,
    {
      hint: 'GET /v1/models lists the models.',
      fieldViolations: [{ field: 'model', description: 'must be one of the models of /v1/models' }],
    },
  );
}
