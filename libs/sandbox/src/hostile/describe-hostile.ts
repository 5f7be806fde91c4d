import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExecutionStatus, type ExecutionResult } from '@flowreasoner/contracts/sandbox';
import type { SandboxBackend } from '../ports.js';
import { processesWith, runIn } from '../testing/jail-runs.js';
import { Bait } from './bait.js';
import { UNDISTURBED, besideNeighbour } from './neighbour.js';
import { HOSTILE_MODULE, hostileCases, type HostileCase, type HostileStatus } from './read-cases.js';

const STATUS: Readonly<Record<HostileStatus, ExecutionStatus>> = {
  exited: ExecutionStatus.EXECUTION_STATUS_EXITED,
  signaled: ExecutionStatus.EXECUTION_STATUS_SIGNALED,
  wall: ExecutionStatus.EXECUTION_STATUS_WALL_TIMEOUT,
  cpu: ExecutionStatus.EXECUTION_STATUS_CPU_TIMEOUT,
  memory: ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY,
  output: ExecutionStatus.EXECUTION_STATUS_OUTPUT_LIMIT,
};

/**
 * Runs every program of `tests/hostile` on a backend, each beside a neighbour
 * that keeps a secret: it ends as its header says, nothing gets out, the
 * neighbour is left in peace and no process stays behind.
 */
export function describeHostile(name: string, open: () => Promise<SandboxBackend>): void {
  describe(`hostile programs on ${name}`, () => {
    let backend: SandboxBackend;
    let bait: Bait;
    beforeAll(async () => {
      backend = await open();
      bait = await Bait.lay();
    });
    afterAll(() => {
      bait.remove();
      expect(processesWith(bait.mark)).toEqual([]);
    });

    it.each(hostileCases())('$name', async (hostile) => {
      const visits = bait.visits;
      const { neighbour, outcome } = await besideNeighbour(backend, bait, () =>
        runAll(backend, bait, hostile),
      );
      for (const result of outcome) expectContained(hostile, result, bait);
      if (hostile.runs === 'twice, differently') {
        expect(new Set(outcome.map(({ stdout }) => stdout.toString())).size).toBe(outcome.length);
      }
      expect(bait.visits, 'connections to services of this machine').toBe(visits);
      expect(neighbour.stdout.toString(), neighbour.stderr.toString()).toBe(UNDISTURBED);
    });
  });
}

async function runAll(backend: SandboxBackend, bait: Bait, hostile: HostileCase): Promise<ExecutionResult[]> {
  const run = (): Promise<ExecutionResult> =>
    runIn(backend, hostile.source, {
      language: hostile.language,
      limits: hostile.limits,
      env: bait.variables,
      files: { 'hostile.py': HOSTILE_MODULE },
      outputFiles: hostile.outputFiles,
    });
  if (hostile.runs === 'once') return [await run()];
  if (hostile.runs === 'twice at once') return Promise.all([run(), run()]);
  return [await run(), await run()];
}

function expectContained(hostile: HostileCase, result: ExecutionResult, bait: Bait): void {
  const said = `${result.stdout.toString('latin1')}\n${result.stderr.toString('latin1')}`.slice(0, 4000);
  const escaped = said.split('\n').filter((line) => line.startsWith('ESCAPED'));
  expect(escaped, hostile.purpose).toEqual([]);
  const statuses = result.backend === 'docker' ? hostile.dockerStatuses : hostile.statuses;
  const allowed = statuses.map((status) => STATUS[status]);
  expect(allowed, `status ${ExecutionStatus[result.status]} ${result.message}\n${said}`).toContain(
    result.status,
  );
  if (result.status === ExecutionStatus.EXECUTION_STATUS_EXITED) {
    expect(result.exitCode, said).toBe(hostile.exitCode);
    if (hostile.exitCode === 0) expect(said).toContain('held\n');
  }
  const files = result.outputFiles.map(({ content }) =>
    content?.$case === 'data' ? content.value : Buffer.alloc(0),
  );
  for (const bytes of [result.stdout, result.stderr, ...files]) expect(bait.leakedIn(bytes)).toBe(false);
  // A race may return a file that the program wrote itself, never one of the machine's.
  for (const bytes of files) expect(bytes.toString('latin1')).not.toContain('root:');
  if (hostile.returnsNone) expect(result.outputFiles).toEqual([]);
}
