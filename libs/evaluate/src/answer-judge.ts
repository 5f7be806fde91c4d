import type { AnswerChecks } from '@flowreasoner/contracts/evaluate';
import { createExpressionComparer, type ComparerLimits } from './maths/compare-expressions.js';
import { judgeMath } from './maths/judge-math.js';
import { createGraders, type Graders, type RemoteRequest } from './remote/graders.js';
import { judgeText } from './text/judge-text.js';
import type { AnswerVerdict } from './verdict.js';

/** Longest answer that is judged, in bytes. */
const maxAnswerBytes = 256 * 1024;

/** Judges answers in text. */
export interface AnswerJudge {
  /** Names of the graders that checks may name. */
  readonly graders: ReadonlySet<string>;
  /**
   * Judges an answer. An answer of more than 256 KiB is wrong.
   *
   * @throws FlowError UNAVAILABLE GRADER_UNAVAILABLE where a grader outside fails; the signal's reason
   */
  judge(checks: AnswerChecks, request: RemoteRequest): Promise<AnswerVerdict>;
  /** Ends the thread of comparisons and the connections to graders. */
  close(): Promise<void>;
}

/** What a judge is made of. */
export interface AnswerJudgeOptions {
  /** Default: none. */
  readonly graders?: Graders;
  readonly comparer?: ComparerLimits;
}

/** Makes a judge. */
export function createAnswerJudge(options: AnswerJudgeOptions = {}): AnswerJudge {
  const comparer = createExpressionComparer(options.comparer);
  const graders = options.graders ?? createGraders({}, 1);
  return {
    graders: graders.names,
    async judge({ rule }, request) {
      request.signal.throwIfAborted();
      const bytes = Buffer.byteLength(request.answer);
      if (bytes > maxAnswerBytes) {
        const feedback = `The answer is ${bytes} bytes long; at most ${maxAnswerBytes} are taken.`;
        return { score: 0, passed: false, feedback };
      }
      switch (rule?.$case) {
        case undefined:
          throw new TypeError('checks that were not validated');
        case 'math': {
          const verdict = await judgeMath(rule.value, request.answer, comparer.compare, request.signal);
          request.signal.throwIfAborted();
          return verdict;
        }
        case 'text':
          return judgeText(rule.value, request.answer);
        case 'remote':
          return graders.grade(rule.value, request);
      }
    },
    async close() {
      graders.close();
      await comparer.close();
    },
  };
}
