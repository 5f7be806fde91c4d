import { RunEvent, type RunResult } from '@flowreasoner/contracts/metaagent';
import type { ModelRequestFinished, WorkflowEvent } from '@flowreasoner/contracts/workflow';
import { describe, expect, it } from 'vitest';
import type { MetaModel } from './policies/meta-model.js';
import { seedFrom } from './solve/seeded-random.js';
import { answered, type FakeStep } from './testing/fake-services.js';
import { baseOptions, resultOf, useServiceHarness } from './testing/service-harness.js';

const usage = { modelCalls: 1, promptTokens: 100, completionTokens: 20, costUsd: 0.001, sandboxMs: 0 };
const rounds = 3;

/** What a sandbox request of the workflow may take at most, and takes; and one that grades an answer, at most. */
const sandbox = { reservedMs: 500, wallMs: 30, gradeReservedMs: 15_000 };

/** A workflow run of two model requests and one of the sandbox, as the runner tells of it; those of the memo are spared. */
function threeRequests(memo: ReadonlySet<string>, attempt: number): FakeStep[] {
  const steps: FakeStep[] = [];
  let asked = 0;
  for (const requestId of [`${attempt}-a`, `${attempt}-b`]) {
    const fromMemo = memo.has(requestId);
    const finished: ModelRequestFinished = {
      callId: '/1',
      requestId,
      usage: fromMemo ? { ...usage, modelCalls: 0, promptTokens: 0, completionTokens: 0, costUsd: 0 } : usage,
      error: '',
      fromMemo,
      memo: { key: requestId, response: Buffer.from('{}') },
    };
    if (!fromMemo) {
      steps.push({
        $case: 'modelRequestStarted',
        value: { callId: '/1', requestId, model: 'm', reserved: { ...usage, completionTokens: 400 } },
      });
      asked++;
    }
    steps.push({ $case: 'modelRequestFinished', value: finished });
  }
  const requestId = `${attempt}-s`;
  const fromMemo = memo.has(requestId);
  const ran = {
    callId: '/2',
    requestId,
    error: '',
    fromMemo,
    memo: { key: requestId, response: Buffer.from('{}') },
  };
  if (!fromMemo) {
    const { reservedMs } = sandbox;
    steps.push({ $case: 'sandboxRequestStarted', value: { callId: '/2', requestId, reservedMs } });
  }
  const sandboxMs = fromMemo ? 0 : sandbox.wallMs;
  steps.push({ $case: 'sandboxRequestFinished', value: { ...ran, wallMs: sandboxMs } });
  const total = {
    ...usage,
    sandboxMs,
    modelCalls: asked,
    promptTokens: 100 * asked,
    completionTokens: 20 * asked,
    costUsd: 0.001 * asked,
  };
  return [...steps, answered(`attempt ${attempt}`, { usage: total })];
}

describe('a run whose owner is lost after any event', () => {
  const harness = useServiceHarness();

  it('goes on from there to the same end, and asks nothing again that was finished', async () => {
    const asked: string[] = [];
    const meta: MetaModel = {
      takesGrammar: () => Promise.resolve(false),
      most: () => ({ ...usage, completionTokens: 400 }),
      complete(request) {
        const name = `w${request.messages.length}-${asked.length}`;
        asked.push(JSON.stringify(request.messages));
        request.onReasoning('Let me think.');
        request.onUsage(usage);
        const text = `<modification>${name}</modification><graph>class Workflow: ${request.seed}</graph>`;
        return Promise.resolve({ text, reasoning: '', cut: false });
      },
    };
    const options = { ...baseOptions(), policy: 'llm', maxRounds: rounds };
    let served: (readonly string[])[] = [];
    const behaviour = {
      run: (request: { readonly seed: number; readonly memo: readonly { readonly key: string }[] }) => {
        const memo = request.memo.map(({ key }) => key);
        served.push(memo);
        return threeRequests(new Set(memo), request.seed);
      },
      // Scores differ: of equal answers the cheaper is the best, and what was in flight costs more.
      passes: (candidate: string) => (candidate === `attempt ${seedFrom(0, 2, 0)}` ? 1 : 0),
    };
    const first = await harness.start(behaviour, 4, { meta });
    const name = (await harness.solve(first.client, { options }))[0]?.run ?? '';
    const whole = await harness.journal.readEvents(name.slice('runs/'.length), 0n, 1_000);
    await harness.stop();
    expect(asked).toHaveLength(rounds - 1);
    const expected = comparable(resultOf(whole));
    const sandboxEnds: number[] = [];
    for (let kept = 1; kept < whole.length; kept++) {
      const before = whole.slice(0, kept);
      [asked.length, served] = [0, []];
      const left = await harness.leaveBehind(before);
      const { client, fakes } = await harness.start(behaviour, 4, { meta });
      const events = await harness.watch(client, left);
      const place = `after event ${kept}, ${RunEvent.fromPartial(whole[kept - 1] ?? {}).event?.$case}`;
      expect(comparable(resultOf(events)), place).toEqual(expected);
      expect(events.map(({ sequence }) => Number(sequence))).toEqual(events.map((_, index) => index + 1));
      // What had been finished before is never asked again; what was in flight is, and counts twice.
      expect(asked, place).toHaveLength(rounds - 1 - count(before, 'metaRequestFinished'));
      expect(fakes.grades, place).toHaveLength(rounds - count(before, 'evaluationRequestFinished'));
      const finished = requestsIn(before, 'modelRequestFinished').length;
      expect(requestsIn(events, 'modelRequestFinished').filter(isPaid), place).toHaveLength(2 * rounds);
      const inFlight =
        requestsIn(before, 'modelRequestStarted').length -
        finished +
        count(before, 'metaRequestStarted') -
        count(before, 'metaRequestFinished');
      const calls = 2 * rounds + rounds - 1;
      expect(resultOf(events).usage?.modelCalls, place).toBe(calls + inFlight);
      expect(resultOf(events).usage?.completionTokens, place).toBe(20 * calls + 400 * inFlight);
      const sandboxInFlight =
        requestsIn(before, 'sandboxRequestStarted').length -
        requestsIn(before, 'sandboxRequestFinished').length;
      const gradesInFlight =
        count(before, 'evaluationRequestStarted') - count(before, 'evaluationRequestFinished');
      expect(resultOf(events).usage?.sandboxMs, place).toBe(
        (resultOf(whole).usage?.sandboxMs ?? 0) +
          sandboxInFlight * sandbox.reservedMs +
          gradesInFlight * sandbox.gradeReservedMs,
      );
      sandboxEnds.push(sandboxInFlight, gradesInFlight);
      await harness.stop();
    }
    // There was a moment with a program, and one with a grading, in flight.
    expect(sandboxEnds.filter((inFlight) => inFlight > 0)).toHaveLength(2 * rounds);
  }, 60_000);
});

function count(events: readonly RunEvent[], kind: string): number {
  return events.filter(({ event }) => event?.$case === kind).length;
}

type WorkflowFact = NonNullable<WorkflowEvent['event']>;

function requestsIn(events: readonly RunEvent[], kind: WorkflowFact['$case']): WorkflowFact[] {
  return events.flatMap(({ event }) => {
    const fact = event?.$case === 'workflowEvent' ? event.value.event : undefined;
    return fact?.$case === kind ? [fact] : [];
  });
}

function isPaid(fact: WorkflowFact): boolean {
  return fact.$case === 'modelRequestFinished' && !fact.value.fromMemo && fact.value.error === '';
}

/** What must be the same however often the owner changed. */
function comparable({ status, answer, workflow, bestRound, stopReason, visible, rounds: made }: RunResult) {
  return { status, answer, workflow, bestRound, stopReason, visible, made };
}
