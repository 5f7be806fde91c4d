import { createHash } from 'node:crypto';
import { FeedbackForm, FeedbackSource, Task } from '@flowreasoner/contracts/metaagent';
import { createFakeClock } from '@flowreasoner/testing';
import { describe, expect, it } from 'vitest';
import type { PastRound } from '../policy.js';
import { buildPrompt, promptVersion, type PromptParts } from './prompt.js';
import { ReasoningChunks } from './reasoning-chunks.js';

const past = (round: number, score: number, parentScore?: number): PastRound => ({
  round,
  score,
  parentScore,
  source: `class Workflow${round}`,
  normalForm: `class Workflow${round}`,
  temperature: undefined,
  modification: `change ${round}`,
  feedback: `feedback ${round}`,
});

function parts(change: Partial<PromptParts> = {}): PromptParts {
  const parent = past(2, 0.5, 0.2);
  return {
    task: {
      task: Task.fromPartial({}),
      isCode: true,
      problem: 'THE PROBLEM',
      entryPoint: 'f',
      suite: undefined,
      answerChecks: undefined,
      source: FeedbackSource.FEEDBACK_SOURCE_EXECUTION,
    },
    operators: [],
    history: [past(1, 0.2), parent, past(3, 0.1, 0.5)],
    parent,
    rejected: [],
    hold: [],
    form: FeedbackForm.FEEDBACK_FORM_STRUCTURED,
    maxBytes: 24_000,
    ...change,
  };
}

const userText = (given: PromptParts): string => buildPrompt(given)[1]?.content ?? '';

describe('the prompt', () => {
  it('tells apart what helped and what did not', () => {
    const text = userText(parts());
    expect(text).toContain('# Changes that helped\n- change 2 (0.20 -> 0.50)');
    expect(text).toContain('# Changes that did not help: do something else\n- change 3 (0.50 -> 0.10)');
    expect(text).toContain('# Workflow of round 2, score 0.50: improve this one\nclass Workflow2');
    expect(text).toContain('# Workflow of round 3, score 0.10\nclass Workflow3\nfeedback 3');
  });

  it('tells scores alone when that is asked for', () => {
    const text = userText(parts({ form: FeedbackForm.FEEDBACK_FORM_SCALAR }));
    expect(text).toContain('# Workflow of round 2, score 0.50: improve this one\nclass Workflow2');
    expect(text).toContain('# Workflow of round 3, score 0.10\nclass Workflow3');
    expect(text).not.toMatch(/feedback \d|What happened/);
  });

  it('says which calls must stay', () => {
    const text = userText(parts({ hold: ['await self.test(problem=problem)'] }));
    expect(text).toContain(
      'must stay exactly as they are, with the texts they name\nawait self.test(problem=problem)',
    );
  });

  it('has a new version when its text changes', () => {
    const fixed = buildPrompt(parts())[0]?.content ?? '';
    const digest = createHash('sha256').update(fixed).digest('hex').slice(0, 12);
    expect([promptVersion, digest]).toEqual([2, '9df5d29e10b5']);
  });

  it('leaves out the least important first, and never the task', () => {
    const whole = buildPrompt(parts());
    const bytes = whole.reduce((sum, each) => sum + Buffer.byteLength(each.content), 0);
    const tight = userText(parts({ maxBytes: bytes - 1 }));
    expect(tight).not.toContain('class Workflow3');
    expect(tight).toContain('# Changes that helped');
    const tightest = parts({ maxBytes: Buffer.byteLength(whole[0]?.content ?? '') + 120 });
    expect(userText(tightest)).toContain('THE PROBLEM');
    expect(Buffer.byteLength(userText(tightest))).toBeLessThanOrEqual(120);
  });

  it('cuts between characters', () => {
    const base = parts();
    const given = parts({ task: { ...base.task, problem: '€'.repeat(5_000) }, maxBytes: 6_000 });
    expect(userText(given)).not.toContain('\uFFFD');
  });
});

describe('reasoning', () => {
  it('is told in chunks of 1 KiB or 250 ms', async () => {
    const clock = createFakeClock();
    const told: string[] = [];
    const chunks = new ReasoningChunks(clock, (text) => told.push(text));
    for (const text of ['a', 'b', 'c']) chunks.add(text);
    expect(told).toEqual([]);
    await clock.advance(250);
    expect(told).toEqual(['abc']);
    chunks.add('é'.repeat(1_000));
    expect(told.slice(1).map((text) => Buffer.byteLength(text))).toEqual([1_024]);
    chunks.flush();
    expect(told.join('')).toBe(`abc${'é'.repeat(1_000)}`);
    chunks.flush();
    await clock.advance(1_000);
    expect(told).toHaveLength(3);
  });
});
