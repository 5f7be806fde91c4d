import { FeedbackSource, RunStatus, StopReason, type RunEvent } from '@flowreasoner/contracts/metaagent';
import type { Operator, Usage } from '@flowreasoner/contracts/workflow';
import { buildPrompt, promptVersion } from '../policies/llm/prompt.js';
import type { PastRound } from '../policies/policy.js';
import { recordedOutcome } from '../solve/make-round.js';
import { prepareTask } from '../solve/prepare-task.js';
import { recordedProposals } from '../solve/propose-round.js';
import { completeOptions, type RunDefaults } from './complete-options.js';
import { emptyFold, foldEvent } from './run-fold.js';
import { RunRecord } from './run-record.js';

/** What a row needs besides a run's journal. */
export interface TrajectoryOptions {
  /** Operators on offer, which the prompt tells of. */
  readonly operators: readonly Operator[];
  readonly defaults: RunDefaults;
  /** Bytes of a prompt at most. */
  readonly promptBytes: number;
}

/** A trajectory in the form that training reads. */
export interface CanonicalRow {
  readonly system: string;
  /** The request for the workflow, with the turns that mended it before. */
  readonly prompt: string;
  /** What the meta model thought; empty where none designed. */
  readonly reasoning: string;
  /** The workflow that gave the run's answer. */
  readonly answer: string;
  readonly meta: Readonly<Record<string, unknown>>;
}

/** Folds a run's journal into a training row: the design of its best round, asked for as the meta model is asked. */
export class Trajectory {
  readonly #record = new RunRecord();
  readonly #reasoning = new Map<number, string>();
  #fold = emptyFold;
  #thought = '';

  /** Takes the next event of the journal. */
  add(event: RunEvent): void {
    this.#fold = foldEvent(this.#fold, event);
    this.#record.add(event);
    const fact = event.event;
    if (fact?.$case === 'roundStarted') this.#thought = '';
    if (fact?.$case === 'reasoning') this.#thought += fact.value.text;
    if (fact?.$case === 'workflowProposed') {
      if (fact.value.valid && fact.value.refusal === '') this.#reasoning.set(event.round, this.#thought);
      this.#thought = '';
    }
  }

  /** The row; undefined when the run has not ended, or no workflow of it gave an answer. */
  row(options: TrajectoryOptions): CanonicalRow | undefined {
    const { run } = this.#fold;
    const { result, task } = run;
    const best = this.#record.round(result?.bestRound ?? 0);
    if (result === undefined || task === undefined || best?.evaluated === undefined) return undefined;
    const history = this.#historyBefore(best.round);
    const { rejected } = recordedProposals(best.proposals);
    const asked = completeOptions(run.options, options.defaults);
    const [system, ...turns] = buildPrompt({
      task: prepareTask(task),
      operators: options.operators,
      history,
      parent: history.find((past) => past.round === best.parentRound),
      rejected,
      hold: asked.hold,
      form: asked.feedbackForm,
      maxBytes: options.promptBytes,
    });
    return {
      system: system?.content ?? '',
      prompt: turns.map(({ content }) => content).join('\n\n'),
      reasoning: this.#reasoning.get(best.round) ?? '',
      answer: result.workflow,
      meta: {
        run: run.name,
        task_id: task.id,
        created: run.createTime?.toISOString(),
        policy: asked.policy,
        meta_model: asked.meta.model,
        worker_model: asked.worker.model,
        prompt_version: promptVersion,
        round: best.round,
        rounds: result.rounds,
        status: word(RunStatus[result.status], 'RUN_STATUS_'),
        stop_reason: word(StopReason[result.stopReason], 'STOP_REASON_'),
        score: best.evaluated.score,
        feedback_source: word(FeedbackSource[result.feedbackSource], 'FEEDBACK_SOURCE_'),
        visible: result.visible ?? null,
        hidden: result.hidden ?? null,
        feedback: best.evaluated.feedback,
        usage: usageOf(result.usage),
      },
    };
  }

  #historyBefore(round: number): PastRound[] {
    const history: PastRound[] = [];
    for (let earlier = 1; earlier < round; earlier++) {
      const recorded = this.#record.round(earlier);
      if (recorded?.evaluated === undefined) continue;
      const { past } = recordedOutcome({ ...recorded, evaluated: recorded.evaluated }, history);
      if (past !== undefined) history.push(past);
    }
    return history;
  }
}

function word(name: string | undefined, prefix: string): string {
  return (name ?? '').slice(prefix.length).toLowerCase();
}

function usageOf(usage: Usage | undefined): object | null {
  if (usage === undefined) return null;
  return {
    model_calls: usage.modelCalls,
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    cost_usd: usage.costUsd ?? null,
    sandbox_ms: usage.sandboxMs,
  };
}
