import { clientOptions, clientSettings } from '@flowreasoner/rpc';
import { z } from 'zod';
import { createGraders, type Graders } from './graders.js';

const graderName = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be a name such as my-grader');

// There is no place that graders usually have, and a field with a typo must not pass for one left out.
const { address, ...rest } = clientSettings('127.0.0.1:50051').shape;
const grader = z.strictObject({ address: address.unwrap(), ...rest });

/** The part of a service's configuration that names graders. */
export function graderSettings() {
  return {
    graders: z
      .record(graderName, grader)
      .default({})
      .describe('graders by name, such as {"lab": {"address": ["lab:50051"]}}'),
    graderMs: z.number().int().min(10).max(600_000).default(30_000).describe('time for one judgement'),
  };
}

/** Connects to the graders of a configuration. */
export function connectGraders(config: {
  readonly graders: Readonly<Record<string, z.infer<typeof grader>>>;
  readonly graderMs: number;
}): Graders {
  const targets = Object.entries(config.graders).map(([name, settings]) => [name, clientOptions(settings)]);
  return createGraders(Object.fromEntries(targets) as Parameters<typeof createGraders>[0], config.graderMs);
}
