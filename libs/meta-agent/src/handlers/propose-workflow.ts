import type {
  EarlierRound,
  ProposeWorkflowRequest,
  ProposeWorkflowResponse,
  WorkflowProposed,
} from '@flowreasoner/contracts/metaagent';
import { FlowError, type CallContext } from '@flowreasoner/rpc';
import { createPolicy } from '../policies/create-policy.js';
import type { PastRound } from '../policies/policy.js';
import { completeOptions } from '../runs/complete-options.js';
import { RunRecord } from '../runs/run-record.js';
import type { RunFact } from '../runs/run-writer.js';
import { checkSource } from '../solve/check-source.js';
import { chooseParent } from '../solve/choose-parent.js';
import type { SolveContext, SolvePorts } from '../solve/context.js';
import { Ledger } from '../solve/ledger.js';
import { ModelTests } from '../solve/model-tests.js';
import { prepareTask } from '../solve/prepare-task.js';
import { maxSourceBytes, proposeRound } from '../solve/propose-round.js';
import { seededRandom } from '../solve/seeded-random.js';
import type { RunHandlerOptions } from './run-handlers.js';
import { checkOptions, checkTask, Violations } from './validate-request.js';

/** What the handler needs. */
export interface ProposeHandlerOptions extends Pick<
  RunHandlerOptions,
  'defaults' | 'policyProblem' | 'graders'
> {
  readonly solve: SolvePorts;
}

const maxEarlier = 50;
const maxFeedback = 16 * 1024;

/** Handles ProposeWorkflow: one meta step, without a run and without a journal. */
export async function* proposeWorkflow(
  options: ProposeHandlerOptions,
  request: ProposeWorkflowRequest,
  call: CallContext,
): AsyncGenerator<ProposeWorkflowResponse> {
  const queue = new FactQueue();
  const proposing = propose(contextOf(options, request, call, queue), request.earlier).finally(() =>
    queue.end(),
  );
  // Whoever leaves early does not hear of it; the call's signal ends it.
  proposing.catch(() => undefined);
  let proposed: WorkflowProposed | undefined;
  for await (const fact of queue) {
    if (fact.$case === 'reasoning') yield { output: fact };
    if (fact.$case === 'workflowProposed') proposed = fact.value;
  }
  await proposing;
  if (proposed === undefined) throw exhausted();
  yield { output: { $case: 'proposed', value: proposed } };
}

function contextOf(
  options: ProposeHandlerOptions,
  request: ProposeWorkflowRequest,
  call: CallContext,
  queue: FactQueue,
): SolveContext {
  const { task } = request;
  const violations = new Violations();
  checkTask(task, violations, options.graders);
  checkOptions(request.options, violations, options.policyProblem);
  violations.range(request.earlier.length, 'earlier', 0, maxEarlier);
  request.earlier.forEach((each, index) => {
    violations.text(each.source, `earlier[${index}].source`, maxSourceBytes);
    violations.text(each.feedback, `earlier[${index}].feedback`, maxFeedback);
    violations.range(each.score, `earlier[${index}].score`, 0, 1);
  });
  violations.throwIfAny();
  if (task === undefined) throw new Error('a task that was not checked');
  const complete = completeOptions(request.options, options.defaults);
  return {
    ports: options.solve,
    runId: '',
    tenant: call.tenant,
    task: prepareTask(task),
    options: complete,
    ledger: new Ledger(complete.budget),
    record: new RunRecord(),
    modelTests: new ModelTests(),
    round: 0,
    deadlineAt: Math.min(call.deadline, options.solve.clock.now() + complete.deadlineMs),
    signal: call.signal,
    cancelSignal: call.signal,
    emit: (_round, fact) => queue.add(fact),
    pass: () => undefined,
    onFault: (error) => call.logger.error({ err: error }, 'a proposal failed'),
    room: () => Promise.resolve(),
    committed: () => Promise.resolve(),
  };
}

async function propose(context: SolveContext, earlier: readonly EarlierRound[]): Promise<void> {
  const policy = createPolicy(context, await context.ports.catalogue.load(context));
  const history = await historyOf(context, earlier);
  const round = history.length + 1;
  const { seed } = context.options;
  const plan = policy.plan({
    task: context.task,
    round,
    history,
    parent: chooseParent(history, seededRandom(seed, round, 'parent')),
    remaining: context.ledger.remaining,
    roundsLeft: 1,
    seed,
  });
  if (plan === undefined) throw exhausted();
  await proposeRound(context, round, plan, history);
}

async function historyOf(context: SolveContext, earlier: readonly EarlierRound[]): Promise<PastRound[]> {
  const history: PastRound[] = [];
  for (const [index, { source, score, feedback }] of earlier.entries()) {
    const { normalForm, modification } = await checkSource(context, source);
    const base = { round: index + 1, source, score, feedback, modification };
    history.push({
      ...base,
      normalForm: normalForm || source,
      temperature: undefined,
      parentScore: undefined,
    });
  }
  return history;
}

function exhausted(): FlowError {
  return new FlowError('FAILED_PRECONDITION', 'POLICY_EXHAUSTED', 'The policy has nothing new to propose.', {
    hint: 'Use another policy, or give fewer earlier rounds.',
  });
}

/** Facts in the order they came, until the end. */
class FactQueue implements AsyncIterable<RunFact> {
  readonly #facts: RunFact[] = [];
  #wake: (() => void) | undefined;
  #ended = false;

  add(fact: RunFact): void {
    this.#facts.push(fact);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RunFact> {
    for (;;) {
      const fact = this.#facts.shift();
      if (fact !== undefined) yield fact;
      else if (this.#ended) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
