import type { ExecutionResult } from '@flowreasoner/contracts/sandbox';
import { execute } from '../execute.js';
import type { RunningProgram, SandboxBackend } from '../ports.js';
import { programOf } from '../testing/jail-runs.js';
import type { Bait } from './bait.js';

/** Keeps a secret, waits for its input to end, and says whether it was left in peace. */
const SOURCE = `
import os, sys, threading
secret = os.environ["SECRET"]
before = sorted(os.listdir("/tmp") + os.listdir("."))
open("neighbour.txt", "w").write(secret)
fd = os.open("/dev/shm/neighbour", os.O_CREAT | os.O_RDWR) if os.path.isdir("/dev/shm") else None
print("ready", flush=True)
sys.stdin.read()
os.remove("neighbour.txt") if open("neighbour.txt").read() == secret else print("its file was changed")
if sorted(os.listdir("/tmp") + os.listdir(".")) != before: print("files appeared")
if threading.active_count() != 1 or os.getpriority(os.PRIO_PROCESS, 0) != 0: print("it was changed")
print("undisturbed", flush=True)
`;

/** What a neighbour that was left in peace printed. */
export const UNDISTURBED = 'ready\nundisturbed\n';

/**
 * Runs a program with a secret while something else happens, and gives its
 * result: a neighbour in another jail of the same backend.
 */
export async function besideNeighbour<T>(
  backend: SandboxBackend,
  bait: Bait,
  happen: () => Promise<T>,
): Promise<{ neighbour: ExecutionResult; outcome: T }> {
  const started = Promise.withResolvers<RunningProgram>();
  const ready = Promise.withResolvers<void>();
  const ended = execute({
    backend,
    program: programOf(SOURCE, {
      env: { SECRET: bait.neighbourSecret },
      args: [bait.mark],
      limits: { wallMs: 60_000 },
    }),
    stdin: new Uint8Array(),
    queueMs: 0,
    signal: new AbortController().signal,
    interactive: {
      onRunning: started.resolve,
      onOutput: () => ready.resolve(),
    },
  });
  const running = await started.promise;
  await Promise.race([ready.promise, ended]);
  const outcome = await happen();
  running.closeStdin();
  return { neighbour: await ended, outcome };
}
