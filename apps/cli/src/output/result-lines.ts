import { FeedbackSource, type RunResult, RunStatus, StopReason } from '@flowreasoner/contracts/metaagent';
import type { colorsFor } from './colors.js';
import { printable } from './printable.js';
import { plural, seconds, shortRun, sourceWords, statusWords, usageFacts } from './words.js';

type Colors = ReturnType<typeof colorsFor>;

/**
 * The lines that say how a run ended, what it was judged by, what it cost, and
 * what can be done next.
 *
 * @param run name of the run; empty for one that is not kept
 */
export function resultLines(result: RunResult, run: string, colors: Colors): string[] {
  const { bold, dim } = colors;
  const { answer, visible, hidden, feedbackSource } = result;
  const checks =
    visible === undefined || answer === ''
      ? ''
      : `  ${dim(`${visible.passed} of ${visible.total} visible checks pass`)}`;
  const lines = ['', `${mark(result, colors)} ${bold(statusWords(result))}${checks}`];
  const isJudged = answer !== '' && feedbackSource !== FeedbackSource.FEEDBACK_SOURCE_UNSPECIFIED;
  if (isJudged) lines.push(`  ${dim(`judged by ${sourceWords(feedbackSource)}`)}`);
  if (hidden !== undefined) {
    const { passed, total, reward } = hidden;
    lines.push(`  ${dim(`hidden tests: ${passed} of ${total} pass · reward ${reward.toFixed(2)}`)}`);
  }
  const facts = [plural(result.rounds, 'round'), seconds(result.durationMs), ...usageFacts(result.usage)];
  lines.push(`  ${dim(facts.join(' · '))}`);
  if (result.message !== '') lines.push(`  ${printable(result.message)}`);
  const advice = adviceWords(result, run !== '');
  if (advice !== '') lines.push(`  ${printable(advice)}`);
  if (run !== '') lines.push(`  ${dim(`kept as run ${shortRun(run)}: ./flow runs show ${shortRun(run)}`)}`);
  return lines;
}

/** What stands before an answer that can't be taken for a right one; empty for one that can. */
export function answerTitle({ status, answer }: RunResult): string {
  return answer === '' || status === RunStatus.RUN_STATUS_SOLVED ? '' : 'the best answer by then:';
}

/**
 * What the caller can do next: what the command line offers, else what the service says.
 *
 * @param hasRounds whether the run could have had another round
 */
function adviceWords(
  { status, stopReason, feedbackSource, reason, hint }: RunResult,
  hasRounds: boolean,
): string {
  if (status === RunStatus.RUN_STATUS_BUDGET && reason === 'BUDGET_EXCEEDED') {
    return 'Next: a larger budget (--budget-tokens, --budget-usd, …).';
  }
  if (status === RunStatus.RUN_STATUS_DEADLINE) return 'Next: a later --deadline, such as 20m.';
  if (!hasRounds) return hint;
  if (stopReason === StopReason.STOP_REASON_MAX_ROUNDS && status === RunStatus.RUN_STATUS_UNSOLVED) {
    return 'Next: more rounds (--max-rounds), another --seed, or a larger model (--base-url, --worker, --meta).';
  }
  if (stopReason === StopReason.STOP_REASON_EXHAUSTED) {
    return 'Next: another --seed or --policy, or a larger model (--base-url, --worker, --meta).';
  }
  if (status === RunStatus.RUN_STATUS_SOLVED && feedbackSource === FeedbackSource.FEEDBACK_SOURCE_EXECUTION) {
    return 'Next: put examples into the query, or checks into a task file (docs/solving.md).';
  }
  return hint;
}

function mark({ status, feedbackSource }: RunResult, { green, red, yellow }: Colors): string {
  if (status !== RunStatus.RUN_STATUS_SOLVED) return red('✗');
  // An answer that merely came is not a success.
  return feedbackSource === FeedbackSource.FEEDBACK_SOURCE_EXECUTION ? yellow('•') : green('✓');
}
