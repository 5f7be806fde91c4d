import {
  RunStatus,
  StopReason,
  type RunEvent,
  type RunOptions,
  type WorkflowProposed,
} from '@flowreasoner/contracts/metaagent';
import type { ScriptedReply } from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { design, doubling, isDesign, right, wrong } from './testing/designs.js';
import { resultOf, startLocalServices, type LocalServices } from './testing/local-services.js';

const maxTokens = 400;

let services: LocalServices;
/** What the meta model answers to its requests, in order; the last one repeats. */
let replies: readonly ScriptedReply[] = [];
let asked = 0;
/** What workers answer. */
let work: (asked: number) => string = () => wrong;

const text = (content: string, more = {}): ScriptedReply => ({ kind: 'answer', text: content, ...more });

beforeAll(async () => {
  services = await startLocalServices(
    (request) => {
      if (!isDesign(request)) return text(work(asked));
      return replies[Math.min(asked++, replies.length - 1)] ?? text('');
    },
    { metaMaxTokens: maxTokens, endpoint: { maxRetries: 1 } },
  );
});

afterAll(() => services.stop());

/** Solves with these replies; workers are right once the meta model was asked `solvedAfter` times. */
async function solve(
  given: readonly ScriptedReply[],
  solvedAfter: number,
  options: Partial<RunOptions> = {},
): Promise<RunEvent[]> {
  [replies, asked, work] = [given, 0, (count) => (count >= solvedAfter ? right : wrong)];
  return services.solve({ problem: doubling }, { policy: 'llm', maxRounds: 4, maxRepairs: 1, ...options });
}

function proposals(events: readonly RunEvent[]): WorkflowProposed[] {
  return events.flatMap(({ event }) => (event?.$case === 'workflowProposed' ? [event.value] : []));
}

/** The last message of the request that followed the first one. */
function repairTurn(): string {
  return String(services.models.requests.filter(isDesign).at(-1)?.body.messages.at(-1)?.content);
}

describe('a meta model that writes', () => {
  it('nonsense is told what the checker found, and the run goes on', async () => {
    const events = await solve([text('I would rather talk about the weather.'), text(design(1))], 2);
    expect(proposals(events).map((each) => [each.valid, each.repair])).toEqual([
      [true, 0],
      [false, 0],
      [true, 1],
    ]);
    expect(repairTurn()).toMatch(/^That can't be run:\n.*class/s);
    expect(resultOf(events)).toMatchObject({ status: RunStatus.RUN_STATUS_SOLVED, rounds: 2 });
  });

  it('an answer that breaks off is asked again, and each request is counted and told', async () => {
    const before = services.models.counts().received;
    const events = await solve(
      [text(design(1), { fault: { kind: 'cut', afterChunks: 2 } }), text(design(1))],
      2,
    );
    const told = events.flatMap(({ event }) => {
      if (event?.$case === 'metaRequestStarted') return ['started'];
      return event?.$case === 'metaRequestFinished' ? [event.value.usage?.modelCalls, event.value.error] : [];
    });
    expect(told).toEqual(['started', 1, 'The answer broke off and is asked for again.', 'started', 1, '']);
    const result = resultOf(events);
    expect(result).toMatchObject({ status: RunStatus.RUN_STATUS_SOLVED, rounds: 2 });
    expect(result.usage?.modelCalls).toBe(services.models.counts().received - before);
  });

  it('nothing but nonsense ends with the best answer by then, after three such rounds', async () => {
    const events = await solve([text('No.')], Infinity, { maxRounds: 20 });
    expect(resultOf(events)).toMatchObject({
      status: RunStatus.RUN_STATUS_UNSOLVED,
      stopReason: StopReason.STOP_REASON_EXHAUSTED,
      message: 'No usable workflow was proposed in 3 rounds in a row.',
      bestRound: 1,
      rounds: 4,
    });
    expect(resultOf(events).answer).toContain('x * x');
  });

  it('an endless text is cut at its tokens, and is asked for a shorter one', async () => {
    const events = await solve([text('Let me think. '.repeat(5_000)), text(design(1))], 2);
    const cut = proposals(events)[1];
    expect(cut?.diagnostics).toMatchObject([
      {
        code: 'META',
        message: 'The answer was cut at its greatest length: think less and write a shorter workflow.',
      },
    ]);
    expect(repairTurn()).toContain('write a shorter workflow');
    const ends = events.flatMap(({ event }) => (event?.$case === 'metaRequestFinished' ? [event.value] : []));
    expect(ends[0]).toMatchObject({
      error: `The answer was cut at ${maxTokens} tokens.`,
      usage: { completionTokens: maxTokens },
    });
    expect(resultOf(events).status).toBe(RunStatus.RUN_STATUS_SOLVED);
  });

  it('bytes without end is left, and the run ends with the best answer by then', async () => {
    const events = await solve([{ kind: 'flood' }], Infinity);
    const result = resultOf(events);
    expect(result).toMatchObject({ stopReason: StopReason.STOP_REASON_ERROR, bestRound: 1 });
    expect(result.reason).toMatch(/^MODEL_/);
    expect(result.answer).toContain('x * x');
  });

  it.each(['', ' \n\n\t'])('an empty answer (%j) is told that it is empty', async (empty) => {
    const events = await solve([text(empty), text(design(1))], 2);
    expect(proposals(events)[1]?.diagnostics).toMatchObject([
      { code: 'META', message: 'The answer is empty: it must hold a workflow.' },
    ]);
    expect(repairTurn()).toContain('The answer is empty');
    expect(resultOf(events).status).toBe(RunStatus.RUN_STATUS_SOLVED);
  });

  it('an unclosed tag is read to its end where that is a workflow', async () => {
    const unclosed = design(2)
      .replace('</graph>', '')
      .replace(/<prompt>[\s\S]*$/, '')
      .replaceAll(/, instruction=\S+\)/g, ')');
    const events = await solve([text(unclosed)], 1);
    expect(proposals(events)[1]).toMatchObject({ valid: true });
    expect(resultOf(events)).toMatchObject({ status: RunStatus.RUN_STATUS_SOLVED, rounds: 2 });
  });

  it('an unclosed tag inside of which the program breaks off is sent back with the place', async () => {
    const broken =
      '<graph>\nclass Workflow:\n    async def __call__(self, problem, entry_point):\n        return (';
    const events = await solve([text(broken), text(design(1))], 2);
    const diagnostics = proposals(events)[1]?.diagnostics ?? [];
    expect(diagnostics[0]?.start?.line).toBeGreaterThan(1);
    expect(repairTurn()).toContain(`${diagnostics[0]?.code} at line`);
    expect(resultOf(events).status).toBe(RunStatus.RUN_STATUS_SOLVED);
  });

  it('a workflow over the budget is refused at no worker cost, and told what is left', async () => {
    const dear = design(1).replace(
      /( +)made_0 = await[^\n]*\n/,
      (line, indent: string) => `${indent}for _ in range(50):\n    ${line}`,
    );
    const budget = { modelCalls: 12, tokens: undefined, costUsd: undefined, sandboxMs: undefined };
    const before = services.models.counts().received;
    const events = await solve([text(dear), text(design(3))], 2, { budget });
    expect(proposals(events)[1]?.refusal).toMatch(/^It makes at least \d+ model calls, and 10 are left\.$/);
    expect(repairTurn()).toContain('10 are left');
    // The first round's call, two designs, and the one call of the second one.
    expect(services.models.counts().received - before).toBe(4);
    expect(resultOf(events)).toMatchObject({ status: RunStatus.RUN_STATUS_SOLVED, usage: { modelCalls: 4 } });
  });

  it('the same workflow again is refused and named, and never run twice', async () => {
    const again = design(4, 'Something new, I swear');
    const events = await solve([text(design(4)), text(again), text(design(5))], 3);
    expect(proposals(events)[2]?.refusal).toBe('It is the same workflow as that of round 2.');
    expect(repairTurn()).toContain('It is the same workflow as that of round 2.');
    expect(resultOf(events)).toMatchObject({ status: RunStatus.RUN_STATUS_SOLVED, rounds: 3 });
  });
});
