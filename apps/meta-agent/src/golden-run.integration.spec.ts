import { RunStatus, type RunEvent } from '@flowreasoner/contracts/metaagent';
import type { ScriptedRequest } from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { design, doubling, isDesign, right, wrong } from './testing/designs.js';
import { journalText } from './testing/journal-text.js';
import { resultOf, startLocalServices, type LocalServices } from './testing/local-services.js';

let services: LocalServices;
let designs = 0;

/** Nine designs, with one answer that has to be mended and one that was there already; the last one solves. */
function answerTo(request: ScriptedRequest): string {
  if (!isDesign(request)) return JSON.stringify(request.body.messages).includes('Way 9') ? right : wrong;
  designs += 1;
  if (designs === 3) return 'class Workflow:\n    pass';
  if (designs === 6) return design(3, 'The same again');
  const number = designs - (designs > 3 ? 1 : 0) - (designs > 6 ? 1 : 0);
  return design(number);
}

beforeAll(async () => {
  services = await startLocalServices((request) => ({
    kind: 'answer',
    text: answerTo(request),
    reasoning: isDesign(request) ? 'The checks fail. Another way may pass them.' : '',
    usage: isDesign(request)
      ? { promptTokens: 700, completionTokens: 90 }
      : { promptTokens: 120, completionTokens: 30 },
  }));
});

afterAll(() => services.stop());

describe('a run of ten rounds', () => {
  let events: RunEvent[];
  beforeAll(async () => {
    events = await services.solve({ problem: doubling }, { policy: 'llm', maxRounds: 12, seed: 7 });
  });

  it('has exactly these prompts, events, use and cost', async () => {
    const result = resultOf(events);
    expect(result).toMatchObject({ status: RunStatus.RUN_STATUS_SOLVED, rounds: 10, bestRound: 10 });
    // To renew the file after a change that is meant:
    // npx vitest run --project integration apps/meta-agent/src/golden-run -u
    const text = journalText(events, services.models.requests);
    await expect(text).toMatchFileSnapshot('./testing/golden-run.txt');
  });

  it('has used and cost what the server counted', () => {
    const { requests } = services.models;
    const asked = requests.filter(isDesign).length;
    const worked = requests.length - asked;
    const { usage } = resultOf(events);
    expect(usage).toMatchObject({
      modelCalls: requests.length,
      promptTokens: asked * 700 + worked * 120,
      completionTokens: asked * 90 + worked * 30,
    });
    const expected = (asked * (700 + 4 * 90) + worked * (120 + 4 * 30)) / 1e6;
    expect(usage?.costUsd).toBeCloseTo(expected, 12);
  });
});
