import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { secret } from '@flowreasoner/config';
import { MAX_LIMITS, MIN_LIMITS } from './limits.js';

const limit = (name: keyof typeof MAX_LIMITS, unit: string) =>
  z
    .number()
    .int()
    .min(MIN_LIMITS[name])
    .default(MAX_LIMITS[name])
    .describe(`greatest ${name} that a request can have, ${unit}`);

/** Configuration of the sandbox service; variables begin with FLOW_SANDBOX. */
export const sandboxConfigSchema = z.object({
  address: z.string().min(1).default('127.0.0.1:7103').describe('unix:PATH or HOST:PORT to listen on'),
  slots: z
    .number()
    .int()
    .min(1)
    .max(1024)
    .default(() => availableParallelism())
    .describe('programs and gradings that run at once'),
  maxQueued: z.number().int().min(0).max(100_000).default(256).describe('requests that may wait'),
  maxLimits: z
    .object({
      wallMs: limit('wallMs', 'milliseconds'),
      cpuMs: limit('cpuMs', 'milliseconds'),
      memoryBytes: limit('memoryBytes', 'bytes'),
      processes: limit('processes', 'processes and threads'),
      outputBytes: limit('outputBytes', 'bytes'),
      diskBytes: limit('diskBytes', 'bytes'),
    })
    .prefault({}),
  hot: z.boolean().default(true).describe('run Python in pre-forked interpreters where they can be made'),
  defaultBackend: z.enum(['jail', 'docker']).default('jail').describe('backend of requests that name none'),
  docker: z
    .object({
      image: z.string().min(1).optional().describe('image of the docker backend; without it there is none'),
      socketPath: z.string().min(1).default('/var/run/docker.sock').describe("the Docker daemon's socket"),
      runtime: z.string().min(1).optional().describe("the daemon's runtime; default: runsc where it has it"),
      warm: z.number().int().min(0).max(64).default(2).describe('containers that wait for programs'),
    })
    .prefault({}),
  nodePath: z.string().optional().describe('Node binary for JavaScript programs'),
  probeOnly: z.boolean().default(false).describe('print what the backends enforce as JSON, and end'),
  stopWithStdin: z.boolean().default(false).describe('stop when standard input ends, for child processes'),
  drainMs: z.number().int().min(0).default(10_000).describe('time that calls get to finish at the end'),
  tokens: secret().optional().describe('callers: a line for each token, TOKEN TENANT [service]'),
  tls: z
    .object({
      certFile: z.string().describe('PEM certificate'),
      keyFile: z.string().describe('PEM key'),
      clientCaFile: z.string().optional().describe('PEM authorities of client certificates'),
    })
    .optional(),
});

/** The sandbox service's configuration. */
export type SandboxConfig = z.output<typeof sandboxConfigSchema>;
