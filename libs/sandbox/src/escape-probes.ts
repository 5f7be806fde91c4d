import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { RunningProgram, SandboxBackend } from './ports.js';
import { runProbe } from './probe-run.js';
import { pythonProgram } from './python-programs.js';

/** What each attempt to get out of a backend met. */
const outcomesSchema = z.array(
  z.object({
    /** The capability that it tries, such as "network". */
    boundary: z.string(),
    name: z.string(),
    contained: z.boolean(),
    detail: z.string(),
  }),
);

/** One attempt to get out. */
export type EscapeOutcome = z.output<typeof outcomesSchema>[number];

/** What the attempts gave; `failure` says why they could not be made. */
export interface EscapeOutcomes {
  readonly outcomes: readonly EscapeOutcome[];
  readonly failure: string;
}

/** Folders of secrets begin with this and the id of the process that made them. */
const BAIT = 'flow-probe-';

/** Leaves its name wherever it can. */
const LEAVER = `
import os, sys
for place in ("/tmp", ".", "/dev/shm"):
    if os.path.isdir(place): open(os.path.join(place, sys.argv[1]), "w").close()
`;

/** Does the same, and stays until its input ends. */
const NEIGHBOUR = `${LEAVER}
print("ready", flush=True)
sys.stdin.read()
`;

/**
 * Makes every attempt to get out of a backend, after a program that left things
 * behind and beside one that is still there, with a secret file and services of
 * this machine to find.
 */
export async function tryEscapes(backend: SandboxBackend, signal: AbortSignal): Promise<EscapeOutcomes> {
  const bait = await layBait();
  const neighbour = await startNeighbour(backend, bait.mark, signal);
  try {
    await runProbe(backend, LEAVER, { args: [bait.left], signal });
    const args = [JSON.stringify(bait)];
    const result = await runProbe(backend, pythonProgram('escape_probes'), { args, signal });
    try {
      return { outcomes: outcomesSchema.parse(JSON.parse(result.stdout.toString())), failure: '' };
    } catch {
      const said = result.message || result.stderr.toString().trim().split('\n').at(-1) || 'it said nothing';
      return { outcomes: [], failure: `the probe program did not run: ${said}` };
    }
  } finally {
    await neighbour.leave();
    bait.remove();
  }
}

interface Bait {
  readonly secret: string;
  readonly secret_path: string;
  readonly port: number;
  readonly abstract: string;
  readonly mark: string;
  readonly left: string;
  remove(): void;
}

async function layBait(): Promise<Bait> {
  const name = `flow-probe-${randomBytes(8).toString('hex')}`;
  removeStaleBait();
  const folder = mkdtempSync(join(tmpdir(), `${BAIT}${process.pid}-`));
  const secret_path = join(folder, 'secret');
  const secret = randomBytes(16).toString('hex');
  writeFileSync(secret_path, secret);
  const servers: Server[] = [];
  const listen = async (where: object): Promise<Server> => {
    const server = createServer((socket) => socket.destroy()).listen(where);
    servers.push(server);
    await once(server, 'listening');
    return server;
  };
  const { port } = (await listen({ port: 0, host: '127.0.0.1' })).address() as AddressInfo;
  await listen({ path: `\0${name}` });
  return {
    ...{ secret, secret_path, port, abstract: name, mark: `${name}-neighbour`, left: `${name}-left` },
    remove: () => {
      for (const server of servers) server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Removes the secrets of services that were killed while they probed. */
function removeStaleBait(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(BAIT) ? /^\d+(?=-)/.exec(name.slice(BAIT.length))?.[0] : undefined;
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

async function startNeighbour(
  backend: SandboxBackend,
  mark: string,
  signal: AbortSignal,
): Promise<{ leave: () => Promise<void> }> {
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<void>();
  let running: RunningProgram | undefined;
  const ended = runProbe(backend, NEIGHBOUR, {
    args: [mark],
    interactive: { onRunning: (program) => (running = program), onOutput: () => becomeReady() },
    signal,
  });
  await Promise.race([ready, ended]);
  return {
    leave: async () => {
      running?.closeStdin();
      await ended;
    },
  };
}
