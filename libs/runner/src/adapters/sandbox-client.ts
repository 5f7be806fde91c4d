import type {
  Execution,
  ExecutionResult,
  SandboxServiceClient,
  Suite,
  Verdict,
} from '@flowreasoner/contracts/sandbox';
import { FlowError, unary, type ParentCall } from '@flowreasoner/rpc';
import type { Sandbox } from '../ports.js';

/** Time that a request may wait for a free slot of the sandbox, in milliseconds. */
const QUEUE_MS = 60_000;

/** The sandbox service over gRPC. */
export class SandboxClient implements Sandbox {
  readonly #client: SandboxServiceClient;

  constructor(client: SandboxServiceClient) {
    this.#client = client;
  }

  async grade(candidate: string, suite: Suite, wallMs: number, caller: ParentCall): Promise<Verdict> {
    const limits = { wallMs, cpuMs: 0, memoryBytes: 0n, processes: 0, outputBytes: 0, diskBytes: 0n };
    const { verdict } = await unary(
      this.#client,
      'grade',
      { candidate: Buffer.from(candidate), suite, limits, caseWallMs: 0, files: [], backend: '' },
      { parent: caller, deadlineMs: QUEUE_MS + wallMs },
    );
    if (verdict !== undefined) return verdict;
    throw new FlowError('UNAVAILABLE', 'SANDBOX_ANSWER_EMPTY', 'the sandbox gave no verdict');
  }

  async execute(execution: Execution, caller: ParentCall): Promise<ExecutionResult> {
    const deadlineMs = QUEUE_MS + (execution.limits?.wallMs ?? 0);
    const { result } = await unary(this.#client, 'execute', { execution }, { parent: caller, deadlineMs });
    if (result !== undefined) return result;
    throw new FlowError('UNAVAILABLE', 'SANDBOX_ANSWER_EMPTY', 'the sandbox gave no result');
  }
}
