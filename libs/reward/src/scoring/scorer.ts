import { ScoreStatus } from '@flowreasoner/contracts/reward';
import type { Components, RewardSpec, Sample, Score, AdvantageMethod } from '@flowreasoner/contracts/reward';
import type { ParentCall } from '@flowreasoner/rpc';
import type { AnalyzedWorkflow, WorkflowAnalyzer } from '../ports.js';
import type { RewardTask } from '../tasks/task.js';
import { advantages } from './advantages.js';
import { complexity, efficiency, executed, format } from './components.js';
import { diversities } from './diversity.js';
import type { Outcome } from './outcome.js';
import { passRates } from './pass-rates.js';
import { reward } from './reward.js';
import type { Outcomes } from './outcomes.js';

/** What a {@link Scorer} needs. */
export interface ScorerOptions {
  readonly outcomes: Outcomes;
  readonly workflows: WorkflowAnalyzer;
}

/** How a group is scored. */
export interface ScoringRequest {
  readonly task: RewardTask;
  readonly spec: RewardSpec;
  readonly caller: ParentCall;
}

/** Turns samples into scores: outcome → components → reward → advantage. */
export class Scorer {
  readonly #options: ScorerOptions;

  constructor(options: ScorerOptions) {
    this.#options = options;
  }

  /**
   * Scores one sample as a group of its own.
   *
   * @throws FlowError ALREADY_EXISTS for a `sample_id` used for another sample;
   *   the reason of the caller's signal once it has aborted
   */
  async score(request: ScoringRequest, sample: Sample): Promise<Score> {
    const [score] = await this.#scoreTogether(request, [sample]);
    if (score === undefined) throw new TypeError('a group of one has one score');
    return score;
  }

  /**
   * Scores samples of one task together.
   *
   * @returns one score a sample, in order, with advantages over the available ones
   * @throws as {@link score}
   */
  async scoreGroup(
    request: ScoringRequest,
    samples: readonly Sample[],
    method: AdvantageMethod,
  ): Promise<Score[]> {
    const scores = await this.#scoreTogether(request, samples);
    const available = scores.filter((score) => score.status === ScoreStatus.SCORE_STATUS_OK);
    const relative = advantages(
      available.map((score) => score.reward),
      method,
    );
    available.forEach((score, index) => (score.advantage = relative[index]));
    return scores;
  }

  async #scoreTogether({ task, spec, caller }: ScoringRequest, samples: readonly Sample[]): Promise<Score[]> {
    for (const sample of samples) this.#options.outcomes.claimName(task, sample);
    // Equal answers of a group are graded once, though they arrive at the same time.
    const gradings = new Map<string, Promise<Outcome | undefined>>();
    for (const { answer } of samples) {
      if (!gradings.has(answer)) gradings.set(answer, this.#options.outcomes.of(task, answer, caller));
    }
    const outcomes = await Promise.all(samples.map(async ({ answer }) => gradings.get(answer)));
    const workflows = this.#analyze(samples);
    const diversity = await diversities(workflows, caller.signal);

    const scores = samples.map((sample, index) => {
      const outcome = outcomes[index];
      const score = emptyScore(sample, task, spec);
      if (outcome === undefined) return score;
      score.status = ScoreStatus.SCORE_STATUS_OK;
      score.passRates = passRates(outcome, task.visibleCases);
      score.components = componentsOf(sample, outcome, workflows[index], diversity[index] ?? 0, task);
      return score;
    });
    rewardAll(scores, spec);
    return scores;
  }

  /** Each sample's workflow; equal sources give one object. */
  #analyze(samples: readonly Sample[]): (AnalyzedWorkflow | undefined)[] {
    const bySource = new Map<string, AnalyzedWorkflow | undefined>([['', undefined]]);
    return samples.map(({ workflow }) => {
      if (!bySource.has(workflow)) bySource.set(workflow, this.#options.workflows.analyze(workflow));
      return bySource.get(workflow);
    });
  }
}

function emptyScore(sample: Sample, task: RewardTask, spec: RewardSpec): Score {
  return {
    sampleId: sample.sampleId,
    status: ScoreStatus.SCORE_STATUS_UNAVAILABLE,
    reward: 0,
    components: undefined,
    passRates: undefined,
    integrity: task.integrity,
    advantage: undefined,
    spec: spec.name,
  };
}

function componentsOf(
  sample: Sample,
  { passed, total, score }: Outcome,
  workflow: AnalyzedWorkflow | undefined,
  diversity: number,
  task: RewardTask,
): Components {
  return {
    executed: executed(sample, workflow),
    passRate: score,
    allPassed: total > 0 && passed === total ? 1 : 0,
    complexity: workflow === undefined ? 0 : complexity(workflow.measures),
    efficiency: efficiency(sample.usage, sample.budget),
    diversity,
    format: format(sample.answer, task.tests),
  };
}

/** Sets each available score's reward; the best of the group is the best that ran. */
function rewardAll(scores: readonly Score[], spec: RewardSpec): void {
  const best = Math.max(
    0,
    ...scores.map(({ components }) => (components?.executed === 1 ? components.passRate : 0)),
  );
  for (const score of scores) {
    if (score.components === undefined) continue;
    score.reward = reward(spec, score.components, score.components.passRate >= best);
  }
}
