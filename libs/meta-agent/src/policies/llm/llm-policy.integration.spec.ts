import { setImmediate } from 'node:timers/promises';
import { createAnswerJudge } from '@flowreasoner/evaluate';
import { RunOptions, RunStatus, StopReason, Task, type RunResult } from '@flowreasoner/contracts/metaagent';
import { FlowError } from '@flowreasoner/rpc';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../adapters/system-clock.js';
import { answered, startFakeServices, type FakeServices } from '../../testing/fake-services.js';
import { completeOptions } from '../../runs/complete-options.js';
import { RunRecord } from '../../runs/run-record.js';
import type { RunFact } from '../../runs/run-writer.js';
import type { SolveContext } from '../../solve/context.js';
import { Ledger } from '../../solve/ledger.js';
import { prepareTask } from '../../solve/prepare-task.js';
import { ModelTests } from '../../solve/model-tests.js';
import { solveRun } from '../../solve/solve-run.js';
import { createPolicy } from '../create-policy.js';
import type { MetaAnswer, MetaRequest } from '../meta-model.js';
import { SharedCatalogue } from '../operator-catalogue.js';

const problem = 'def f(x):\n    """Does f.\n    >>> f(1)\n    1\n    >>> f(2)\n    2\n    """\n';
const workflow = (name: string): string =>
  `<modification>${name}</modification><graph>class Workflow: ${name}</graph>`;
const usage = { modelCalls: 1, promptTokens: 50, completionTokens: 5, costUsd: 0, sandboxMs: 0 };

let fakes: FakeServices | undefined;
afterEach(async () => {
  await fakes?.stop();
  fakes = undefined;
});

interface Outcome {
  readonly result: RunResult;
  readonly facts: readonly { round: number; fact: RunFact }[];
  /** Facts that only watchers hear of, with how many others came before. */
  readonly passed: { round: number; fact: RunFact; emitted: number }[];
  readonly asked: readonly MetaRequest[];
  /** Facts that were not in the journal yet as each of them was asked. */
  readonly uncommitted: readonly number[];
}

type Reply = string | Partial<MetaAnswer> | FlowError;

async function solve(
  replies: (index: number) => Reply,
  { maxRounds = 4, takesGrammar = false, solvedBy = 'never', probes = 0 } = {},
): Promise<Outcome> {
  const asked: MetaRequest[] = [];
  const uncommitted: number[] = [];
  const facts: { round: number; fact: RunFact }[] = [];
  const passed: Outcome['passed'] = [];
  let committed = 0;
  fakes = await startFakeServices({
    run: (request) => [answered(request.source)],
    passes: (candidate, total) => (candidate.includes(solvedBy) ? total : 1),
  });
  const { workflows, sandbox } = fakes;
  const options = completeOptions({ ...emptyOptions, maxRounds }, { policy: 'llm' });
  const signal = new AbortController().signal;
  const context: SolveContext = {
    ports: {
      clock: systemClock,
      workflows,
      sandbox,
      meta: {
        takesGrammar: (_, { onUsage }) => {
          onUsage({ ...usage, modelCalls: probes });
          return Promise.resolve(takesGrammar);
        },
        complete(request) {
          asked.push(request);
          uncommitted.push(facts.length - committed);
          const reply = replies(asked.length - 1);
          request.onUsage(usage);
          if (reply instanceof FlowError) return Promise.reject(reply);
          const answer = typeof reply === 'string' ? { text: reply } : reply;
          request.onReasoning('Let me think. ');
          request.onText(answer.text ?? '');
          return Promise.resolve({ text: '', reasoning: '', cut: false, ...answer });
        },
      },
      catalogue: new SharedCatalogue(),
      answers: createAnswerJudge(),
      metaLimits: { promptBytes: 20_000, maxTokens: 777 },
      patienceMs: 0,
    },
    runId: 'r',
    tenant: 'default',
    task: prepareTask(Task.fromPartial({ problem })),
    options,
    ledger: new Ledger(options.budget),
    record: new RunRecord(),
    modelTests: new ModelTests(),
    round: 0,
    deadlineAt: Date.now() + 60_000,
    signal,
    cancelSignal: signal,
    emit: (round, fact) => facts.push({ round, fact }),
    pass: (round, fact) => passed.push({ round, fact, emitted: facts.length }),
    onFault: (error) => {
      throw error;
    },
    room: () => Promise.resolve(),
    async committed() {
      const until = facts.length;
      await setImmediate();
      committed = until;
    },
  };
  const makePolicy = async () => createPolicy(context, await context.ports.catalogue.load(context));
  return { result: await solveRun(context, makePolicy, Date.now()), facts, passed, asked, uncommitted };
}

const emptyOptions = RunOptions.fromPartial({ seed: 3 });

function proposals(outcome: Outcome) {
  return outcome.facts.flatMap(({ round, fact }) =>
    fact.$case === 'workflowProposed' ? [{ round, ...fact.value }] : [],
  );
}

describe('the policy llm', () => {
  it('streams the answer to watchers alone, after the thoughts that led to it', async () => {
    const { facts, passed } = await solve(() => workflow('better'), { solvedBy: 'better' });
    expect(passed.map(({ round, fact }) => ({ round, fact }))).toEqual([
      { round: 2, fact: { $case: 'metaTokenDelta', value: { text: workflow('better') } } },
    ]);
    expect(facts[(passed[0]?.emitted ?? 0) - 1]?.fact).toEqual({
      $case: 'reasoning',
      value: { text: 'Let me think. ' },
    });
  });

  it('begins with the cheap workflow and shows the model what happened to it', async () => {
    const outcome = await solve(() => workflow('better'), { solvedBy: 'better' });
    expect(outcome.result).toMatchObject({ status: RunStatus.RUN_STATUS_SOLVED, bestRound: 2, rounds: 2 });
    expect(outcome.asked).toHaveLength(1);
    const [system, user] = outcome.asked[0]?.messages ?? [];
    expect(system?.content).toContain(
      '- custom_code_generate(problem) -> {response}: Does custom_code_generate.',
    );
    expect(user?.content).toContain('assert f(2) == 2');
    expect(user?.content).toContain('Workflow of round 1, score 0.50: improve this one');
    expect(user?.content).toContain('Visible checks passed: 1 of 2 (50 %).');
    expect(proposals(outcome)[1]?.modification).toBe('better');
    expect(outcome.facts.map(({ fact }) => fact.$case)).toContain('reasoning');
    expect(outcome.result.usage?.modelCalls).toBe(3);
  });

  it('asks once the start of the request, and all before it, is in the journal', async () => {
    const { uncommitted } = await solve(() => workflow('better'), { solvedBy: 'better' });
    expect(uncommitted).toEqual([0]);
  });

  it.each([
    ['nonsense', 'The weather is nice.', 'FW001'],
    ['nothing', '  \n', 'It must hold a workflow'],
    ['an unclosed tag', '<graph>', 'FW001'],
    ['a text without an end', 'x'.repeat(200_000), 'at most 131072 are read'],
  ])('mends %s in a further turn', async (_, reply, problem) => {
    const outcome = await solve((index) => (index === 0 ? reply : workflow('mended')), {
      solvedBy: 'mended',
    });
    expect(outcome.result.status).toBe(RunStatus.RUN_STATUS_SOLVED);
    expect(proposals(outcome).map(({ round, repair, valid }) => [round, repair, valid])).toEqual([
      [1, 0, true],
      [2, 0, false],
      [2, 1, true],
    ]);
    const turn = outcome.asked[1]?.messages.at(-1);
    expect(turn?.role).toBe('user');
    expect(turn?.content.toLowerCase()).toContain(problem.toLowerCase());
    const bytes =
      outcome.asked[1]?.messages.reduce((sum, each) => sum + Buffer.byteLength(each.content), 0) ?? 0;
    expect(bytes).toBeLessThanOrEqual(20_000);
  });

  it('refuses the same workflow again and says so', async () => {
    const outcome = await solve((index) => workflow(index < 2 ? 'same' : 'other'), { solvedBy: 'other' });
    expect(proposals(outcome).map(({ refusal }) => refusal)).toEqual([
      '',
      '',
      'It is the same workflow as that of round 2.',
      '',
    ]);
    expect(outcome.asked[2]?.messages.at(-1)?.content).toContain(
      'It is the same workflow as that of round 2.',
    );
  });

  it('gives up when nothing usable comes', async () => {
    const outcome = await solve(() => 'Sorry.', { maxRounds: 20 });
    expect(outcome.result).toMatchObject({
      status: RunStatus.RUN_STATUS_UNSOLVED,
      stopReason: StopReason.STOP_REASON_EXHAUSTED,
      bestRound: 1,
      rounds: 4,
    });
    expect(outcome.asked).toHaveLength(9);
    expect(outcome.result.answer).not.toBe('');
  });

  it('records that an answer was cut', async () => {
    const outcome = await solve((index) => (index === 0 ? { text: 'class', cut: true } : workflow('x')), {
      maxRounds: 2,
    });
    const ended = outcome.facts.flatMap(({ fact }) =>
      fact.$case === 'metaRequestFinished' ? [fact.value] : [],
    );
    expect(ended[0]?.error).toBe('The answer was cut at 777 tokens.');
  });

  it('keeps the best answer when the model can not be asked, and counts what it used', async () => {
    const down = new FlowError('UNAVAILABLE', 'MODEL_UNREACHABLE', 'It did not answer.', {
      hint: 'Start it.',
    });
    const outcome = await solve(() => down);
    expect(outcome.result).toMatchObject({
      status: RunStatus.RUN_STATUS_UNAVAILABLE,
      reason: 'MODEL_UNREACHABLE',
      hint: 'Start it.',
      bestRound: 1,
      usage: { modelCalls: 2 },
    });
    const none = new FlowError('RESOURCE_EXHAUSTED', 'BUDGET_EXCEEDED', 'No room.');
    await fakes?.stop();
    expect((await solve(() => none)).result.status).toBe(RunStatus.RUN_STATUS_BUDGET);
  });

  it('counts requests that find out whether the model takes a grammar', async () => {
    const without = await solve(() => workflow('w'), { maxRounds: 2 });
    await fakes?.stop();
    const counted = await solve(() => workflow('w'), { maxRounds: 2, probes: 2 });
    const calls = ({ result }: Outcome) => result.usage?.modelCalls ?? 0;
    expect(calls(counted)).toBe(calls(without) + 2);
    const last = counted.facts
      .flatMap(({ fact }) => (fact.$case === 'roundEvaluated' ? [fact.value] : []))
      .at(-1);
    expect(last?.usage?.modelCalls).toBeGreaterThanOrEqual(3);
  });

  it('leaves structures that were tried out of the grammar', async () => {
    const outcome = await solve((index) => workflow(`w${index}`), { takesGrammar: true, maxRounds: 3 });
    expect(outcome.asked.map(({ grammar }) => grammar)).toEqual([
      'root ::= "x" # without 1',
      'root ::= "x" # without 2',
    ]);
  });
});
