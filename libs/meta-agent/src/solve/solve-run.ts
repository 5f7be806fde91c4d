import { RunStatus, StopReason, type HiddenScore, type RunResult } from '@flowreasoner/contracts/metaagent';
import { FlowError } from '@flowreasoner/rpc';
import type { PastRound, Policy } from '../policies/policy.js';
import { chooseParent } from './choose-parent.js';
import type { SolveContext } from './context.js';
import { nothingPassed } from './evaluate-result.js';
import { makeRound, recordedOutcome, type RoundOutcome } from './make-round.js';
import { scoreHidden } from './score-hidden.js';
import { seededRandom } from './seeded-random.js';
import { budgetStop, exhaustedStop, isEnded, plainStop, solvedStop, stopOfError, type Stop } from './stop.js';
import { tokensOf } from './usage.js';

// A policy that has proposed nothing usable for so many rounds in a row won't.
const maxFruitlessRounds = 3;
// So many workflows in a row that did not fit into what is left of the budget: it is as good as used up.
const maxCutRounds = 3;

/**
 * Solves one task: makes rounds until a stop rule holds and gives the best
 * answer. Never throws: what goes wrong is told in the result, with the best
 * answer by then. A run that earlier owners have worked on goes on from what its
 * record tells.
 *
 * @param makePolicy called once a round is to be planned
 * @param startedAt when the run was created, in milliseconds since 1970
 */
export async function solveRun(
  context: SolveContext,
  makePolicy: () => Promise<Policy>,
  startedAt: number,
): Promise<RunResult> {
  const rounds: RoundOutcome[] = [];
  let stop: Stop;
  try {
    stop = await makeRounds(context, makePolicy, rounds);
  } catch (error) {
    if (!(error instanceof FlowError)) context.onFault(error);
    stop = stopOfError(context, error);
  }
  const best = bestRound(rounds);
  const hidden = await hiddenScore(context, best);
  return {
    status: best?.best.solved === true && !isEnded(stop) ? RunStatus.RUN_STATUS_SOLVED : stop.status,
    answer: best?.best.answer ?? '',
    workflow: best?.past?.source ?? '',
    bestRound: best?.round ?? 0,
    visible: best?.best.visible ?? nothingPassed(context.task),
    feedbackSource: best?.best.source ?? context.task.source,
    stopReason: stop.reason,
    message: [stop.message, hidden.message].filter((text) => text !== '').join(' '),
    reason: stop.errorReason,
    hint: stop.hint,
    hidden: hidden.score,
    durationMs: Math.max(0, context.ports.clock.now() - startedAt),
    usage: context.ledger.total,
    rounds: rounds.length,
  };
}

async function makeRounds(
  context: SolveContext,
  makePolicy: () => Promise<Policy>,
  rounds: RoundOutcome[],
): Promise<Stop> {
  const { options, ledger, task } = context;
  let policy: Policy | undefined;
  for (let round = 1; round <= options.maxRounds; round++) {
    const history = rounds.flatMap((each) => each.past ?? []);
    let outcome = recordedRound(context, round, history);
    if (outcome === undefined) {
      context.signal.throwIfAborted();
      const recorded = context.record.round(round);
      if (recorded === undefined) {
        if (ledger.exhausted !== undefined)
          return budgetStop(`The budget of ${ledger.exhausted} is used up.`);
        ledger.startRound();
      }
      policy ??= await makePolicy();
      const plan = policy.plan({
        task,
        round,
        history,
        parent: parentOf(context, round, history),
        remaining: ledger.remaining,
        roundsLeft: options.maxRounds - round + 1,
        seed: options.seed,
      });
      if (plan === undefined) {
        return cutStop(rounds.at(-1)) ?? exhaustedStop('The policy has nothing new to propose.');
      }
      outcome = await makeRound({ ...context, round }, round, plan, history);
    }
    rounds.push(outcome);
    if (outcome.best.solved) return solvedStop(outcome.best.source);
    const cut = endingCut(rounds, ledger.exhausted !== undefined);
    if (cut !== undefined) return cut;
    if (
      rounds.slice(-maxFruitlessRounds).filter((each) => each.past === undefined).length >= maxFruitlessRounds
    ) {
      return exhaustedStop(`No usable workflow was proposed in ${maxFruitlessRounds} rounds in a row.`);
    }
  }
  return plainStop(StopReason.STOP_REASON_MAX_ROUNDS, RunStatus.RUN_STATUS_UNSOLVED, '');
}

/** The stop of a run whose last round was cut by the budget; undefined when it was not. */
function cutStop(last: RoundOutcome | undefined): Stop | undefined {
  return last?.budgetCut && budgetStop(last.budgetCut.message, last.budgetCut.reason);
}

/**
 * The stop that a cut of the last round means. One request that would not fit
 * leaves room for cheaper workflows, unless that has been so too often; a budget
 * that can't be kept at all ends the run at once.
 */
function endingCut(rounds: readonly RoundOutcome[], isUsedUp: boolean): Stop | undefined {
  const stop = cutStop(rounds.at(-1));
  if (stop === undefined) return undefined;
  const last = rounds.slice(-maxCutRounds);
  const isStuck = last.length === maxCutRounds && last.every((each) => each.budgetCut !== undefined);
  return isUsedUp || isStuck || stop.errorReason !== 'BUDGET_EXCEEDED' ? stop : undefined;
}

/** A round that an earlier owner has finished; undefined when there is none. */
function recordedRound(
  { record }: SolveContext,
  round: number,
  history: readonly PastRound[],
): RoundOutcome | undefined {
  const recorded = record.round(round);
  if (recorded?.evaluated === undefined) return undefined;
  return recordedOutcome({ ...recorded, evaluated: recorded.evaluated }, history);
}

function parentOf(
  { record, options }: SolveContext,
  round: number,
  history: readonly PastRound[],
): PastRound | undefined {
  const chosen = record.round(round)?.parentRound;
  const recorded = history.find((each) => each.round === chosen);
  return recorded ?? chooseParent(history, seededRandom(options.seed, round, 'parent'));
}

/** The round with the best answer; of equal ones the cheaper, then the earlier. */
export function bestRound(rounds: readonly RoundOutcome[]): RoundOutcome | undefined {
  const [first, ...others] = rounds.filter((each) => each.best.answer !== '');
  if (first === undefined) return undefined;
  return others.reduce((best, each) => (isBetter(each, best) ? each : best), first);
}

function isBetter(a: RoundOutcome, b: RoundOutcome): boolean {
  if (a.best.score !== b.best.score) return a.best.score > b.best.score;
  const [costA, costB] = [a.usage.costUsd, b.usage.costUsd];
  if (costA !== undefined && costB !== undefined && costA !== costB) return costA < costB;
  return tokensOf(a.usage) < tokensOf(b.usage);
}

/** Has the answer scored where that was asked for. A failure of the reward service leaves the run as it is. */
async function hiddenScore(
  context: SolveContext,
  best: RoundOutcome | undefined,
): Promise<{ score: HiddenScore | undefined; message: string }> {
  const wanted = context.task.task.rewardTask !== '' && !context.cancelSignal.aborted;
  if (!wanted || best === undefined) return { score: undefined, message: '' };
  try {
    return { score: await scoreHidden(context, best), message: '' };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { score: undefined, message: `The hidden tests could not be run: ${said}` };
  }
}
