import {
  FeedbackSource,
  RunStatus,
  StopReason,
  type RunEvent,
  type RunResult,
} from '@flowreasoner/contracts/metaagent';

const nothing: RunResult = {
  status: RunStatus.RUN_STATUS_FAILED,
  answer: '',
  workflow: '',
  bestRound: 0,
  visible: undefined,
  feedbackSource: FeedbackSource.FEEDBACK_SOURCE_UNSPECIFIED,
  stopReason: StopReason.STOP_REASON_ERROR,
  message: 'The process that worked on the run ended before the run did.',
  reason: 'INTERRUPTED',
  hint: 'Start the run again.',
  hidden: undefined,
  durationMs: 0,
  usage: undefined,
  rounds: 0,
};

/** Works out the result of a run whose owner died: the best answer by then is kept. */
export class InterruptedRun {
  #result = nothing;
  #bestScore = -1;
  #source = '';

  /** Takes the next event of the run's journal. */
  add({ event, round }: RunEvent): void {
    if (event?.$case === 'workflowProposed') this.#source = event.value.source;
    if (event?.$case !== 'roundEvaluated') return;
    const { answer, score, visible, feedbackSource } = event.value;
    if (answer === '' || score <= this.#bestScore) return;
    this.#bestScore = score;
    this.#result = { ...nothing, answer, workflow: this.#source, bestRound: round, visible, feedbackSource };
  }

  /** The result, with what the state tells. */
  result(state: Pick<RunResult, 'usage' | 'rounds' | 'durationMs'>): RunResult {
    return { ...this.#result, ...state };
  }
}
