import { Sample } from '@flowreasoner/contracts/reward';
import { VerdictStatus } from '@flowreasoner/contracts/sandbox';
import type { Verdict } from '@flowreasoner/contracts/sandbox';
import type { AnswerJudge } from '@flowreasoner/evaluate';
import { createLimiter, FlowError, type Limiter } from '@flowreasoner/rpc';
import type { ParentCall } from '@flowreasoner/rpc';
import type { Logger } from '@flowreasoner/telemetry';
import { digest } from '../digest.js';
import { LruCache } from '../lru-cache.js';
import type { Grader } from '../ports.js';
import type { RewardTask } from '../tasks/task.js';
import { outcomeOf, outcomeOfAnswer } from './outcome.js';
import type { Outcome } from './outcome.js';

/** What {@link Outcomes} needs. */
export interface OutcomesOptions {
  readonly grader: Grader;
  readonly judge: AnswerJudge;
  readonly logger: Logger;
  /** Gradings under way at once. */
  readonly concurrency: number;
  /** Outcomes and sample names remembered, each. */
  readonly cacheEntries: number;
}

/** Bounds the memory of remembered outcomes, at a byte a case. */
const maxCachedCases = 64 * 1024 * 1024;

/**
 * Outcomes of answers, each content graded once.
 *
 * A name that a sample was given stays bound to its content. What could
 * not be graded has no outcome: it is undefined, and not remembered.
 */
export class Outcomes {
  readonly #options: OutcomesOptions;
  readonly #slots: Limiter;
  readonly #byContent: LruCache<Outcome>;
  readonly #contentOfName: LruCache<string>;

  constructor(options: OutcomesOptions) {
    this.#options = options;
    this.#slots = createLimiter(options.concurrency);
    this.#byContent = new LruCache<Outcome>({
      entries: options.cacheEntries,
      weight: maxCachedCases,
      weigh: (outcome) => outcome.cases.length,
    });
    this.#contentOfName = new LruCache({ entries: options.cacheEntries });
  }

  /**
   * Binds a sample's name, if it has one, to its content.
   *
   * @throws FlowError ALREADY_EXISTS where the name is bound to another content
   */
  claimName(task: RewardTask, sample: Sample): void {
    if (sample.sampleId === '') return;
    const key = JSON.stringify([task.handle, sample.sampleId]);
    const content = digest(Sample.encode(sample).finish());
    const known = this.#contentOfName.get(key);
    if (known !== undefined && known !== content) {
      throw new FlowError(
        'ALREADY_EXISTS',
        'SAMPLE_ID_REUSED',
        'This sample_id was used for another sample of the task.',
        {
          hint: 'Use a new sample_id for each sample.',
        },
      );
    }
    this.#contentOfName.set(key, content);
  }

  /**
   * The outcome of an answer, or undefined where the service failed.
   *
   * @throws the reason of the caller's signal once it has aborted
   */
  async of(task: RewardTask, answer: string, caller: ParentCall): Promise<Outcome | undefined> {
    const key = JSON.stringify([task.tenant, task.testsDigest, digest(answer)]);
    const known = this.#byContent.get(key);
    if (known) return known;
    const outcome = await this.#slots.run(() => this.#grade(task, answer, caller), caller.signal);
    if (outcome) this.#byContent.set(key, outcome);
    return outcome;
  }

  async #grade(task: RewardTask, answer: string, caller: ParentCall): Promise<Outcome | undefined> {
    caller.signal.throwIfAborted();
    try {
      const { tests } = task;
      if (tests.kind === 'answer') {
        const { tenant, signal } = caller;
        const request = { problem: '', answer, tenant, signal };
        return outcomeOfAnswer(await this.#options.judge.judge(tests.checks, request));
      }
      const verdict = await this.#options.grader.grade({
        candidate: Buffer.from(answer),
        suite: tests.suite,
        caller,
      });
      const reason = failureOf(verdict);
      if (reason === undefined) return outcomeOf(verdict);
      this.#options.logger.warn({ reason }, 'an answer could not be graded');
    } catch (error) {
      caller.signal.throwIfAborted();
      // The error's text may quote the hidden suite, so only its codes are written.
      const reason = error instanceof FlowError ? `${error.code} ${error.reason}` : 'UNEXPECTED';
      this.#options.logger.warn({ reason }, 'an answer could not be graded');
    }
    return undefined;
  }
}

/** Why a verdict says nothing about the answer, or undefined where it does. */
function failureOf({ status, cases }: Verdict): string | undefined {
  if (status === VerdictStatus.VERDICT_STATUS_INFRA_ERROR) return 'INFRA_ERROR';
  // Tests that load name their cases, whatever the answer does.
  return status === VerdictStatus.VERDICT_STATUS_ERROR && cases.length === 0 ? 'SUITE_UNUSABLE' : undefined;
}
