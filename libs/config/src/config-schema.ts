import type { z } from 'zod';

/** Schema of a service's configuration: keys in camelCase, nested objects for groups. */
export type ConfigSchema = z.ZodObject;
