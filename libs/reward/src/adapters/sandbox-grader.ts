import type { SandboxServiceClient, Verdict } from '@flowreasoner/contracts/sandbox';
import { FlowError, unary } from '@flowreasoner/rpc';
import type { Grader, GradingRequest } from '../ports.js';

/** Time for one grading with its wait in the sandbox's queue, in milliseconds. */
const defaultDeadlineMs = 60_000;

/** Grades by the sandbox service. */
export class SandboxGrader implements Grader {
  readonly #sandbox: SandboxServiceClient;
  readonly #deadlineMs: number;

  /** @param deadlineMs greatest time of one grading, with its wait in the queue; default 60,000 */
  constructor(sandbox: SandboxServiceClient, deadlineMs: number = defaultDeadlineMs) {
    this.#sandbox = sandbox;
    this.#deadlineMs = deadlineMs;
  }

  async grade({ candidate, suite, caller }: GradingRequest): Promise<Verdict> {
    const request = {
      candidate: Buffer.from(candidate),
      suite,
      limits: undefined,
      caseWallMs: 0,
      files: [],
      backend: '',
    };
    const { verdict } = await unary(this.#sandbox, 'grade', request, {
      parent: caller,
      deadlineMs: this.#deadlineMs,
    });
    if (verdict === undefined)
      throw new FlowError('INTERNAL', 'VERDICT_MISSING', 'The sandbox gave no verdict.');
    return verdict;
  }
}
