import { expect } from 'vitest';
import { ExecuteRequest, ExecutionStatus, type SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import { unary } from '@flowreasoner/rpc';
import { createSeededRandom } from '@flowreasoner/testing';

/** One of twenty executions is one of these; whatever becomes of it, it must leave nothing. */
export const HOSTILE = [
  'import os\nwhile True:\n    try: os.fork()\n    except OSError: pass',
  'x = []\nwhile True: x.append(bytearray(1 << 20))',
  'import os\nwhile True: os.write(1, bytes(65536))',
  'import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(60)\n',
  'with open("big", "wb", 0) as file:\n    while True: file.write(bytes(65536))',
  'n = 0\nwhile True:\n    open(f"/tmp/{n}", "w").close()\n    n += 1',
  'import os, signal\nfor s in range(1, 65):\n    try: os.kill(-1, s)\n    except OSError: pass',
  'import os, signal\nos.kill(0, signal.SIGSTOP)',
  'import os\nfor n in range(3, 4096):\n    try: os.write(n, b"forged")\n    except OSError: pass\nos._exit(0)',
  'import threading, time\nfor _ in range(500): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()',
];

/** A request with small limits. */
export function request(source: string, wallMs = 5000): ExecuteRequest {
  const limits = { wallMs, processes: 32, memoryBytes: 64n << 20n, outputBytes: 65_536 };
  return ExecuteRequest.fromPartial({ execution: { source: Buffer.from(source), limits } });
}

/** How much is run, and for whom. */
export interface SoakOptions {
  readonly executions: number;
  /** Callers at once. */
  readonly callers: number;
  /** Called when each execution has ended, with how many have. */
  readonly onEnded?: (ended: number) => void;
}

/**
 * Runs so many executions in a mix of which a tenth runs into its time limit and
 * a twentieth is hostile; every other one must print its number.
 *
 * @returns what isolated the last one that printed
 */
export async function soak(
  client: SandboxServiceClient,
  { executions, callers, onEnded }: SoakOptions,
): Promise<string> {
  const random = createSeededRandom(7);
  let [begun, ended] = [0, 0];
  let isolation = '';
  const one = async (): Promise<void> => {
    const number = (begun += 1);
    const draw = random();
    if (draw < 0.05) {
      await unary(client, 'execute', request(HOSTILE[number % HOSTILE.length] ?? '', 200));
    } else if (draw < 0.15) {
      const { result } = await unary(client, 'execute', request('while True: pass', 40));
      expect(result?.status).toBe(ExecutionStatus.EXECUTION_STATUS_WALL_TIMEOUT);
    } else {
      const { result } = await unary(client, 'execute', request(`print(${number})`));
      expect(result).toMatchObject({ status: ExecutionStatus.EXECUTION_STATUS_EXITED, exitCode: 0 });
      expect(result?.stdout.toString()).toBe(`${number}\n`);
      isolation = result?.isolation ?? '';
    }
    ended += 1;
    onEnded?.(ended);
  };
  const caller = async (): Promise<void> => {
    while (begun < executions) await one();
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return isolation;
}
