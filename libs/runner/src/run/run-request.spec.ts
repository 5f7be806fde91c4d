import { describe, expect, it } from 'vitest';
import { runRequest } from '../testing/run-harness.js';
import { compileLimits } from './run-limits.js';
import { checkRunRequest, REQUEST_LIMITS } from './run-request.js';
import { Memo, memoKey } from './memo.js';

const memoEntry = (size: number) => ({ key: 'k', response: Buffer.alloc(size) });

describe('checkRunRequest', () => {
  it('takes an ordinary request', () => {
    expect(() => {
      checkRunRequest(runRequest({ temperature: 0.7 }));
    }).not.toThrow();
  });

  it.each([
    ['problem', { problem: 'x'.repeat(REQUEST_LIMITS.problemBytes + 1) }],
    ['prompts', { prompts: 'x'.repeat(REQUEST_LIMITS.promptsBytes + 1) }],
    ['entry_point', { entryPoint: 'x'.repeat(REQUEST_LIMITS.entryPointBytes + 1) }],
    ['memo', { memo: [memoEntry(REQUEST_LIMITS.memoBytes)] }],
    ['memo', { memo: Array.from({ length: REQUEST_LIMITS.memoEntries + 1 }, () => memoEntry(0)) }],
    ['memo.key', { memo: [{ key: 'k'.repeat(REQUEST_LIMITS.memoKeyBytes + 1), response: Buffer.alloc(0) }] }],
    ['temperature', { temperature: 2.5 }],
    ['temperature', { temperature: NaN }],
    ['visible_checks.hidden', { visibleChecks: { suite: undefined, integrity: 0 as const, hidden: true } }],
    [
      'budget.cost_usd',
      { budget: { costUsd: -1, tokens: undefined, modelCalls: undefined, sandboxMs: undefined } },
    ],
  ])('names %s', (field, fields) => {
    expect(() => {
      checkRunRequest(runRequest(fields));
    }).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        options: { fieldViolations: [expect.objectContaining({ field })] },
      }),
    );
  });
});

describe('compileLimits', () => {
  const none = { steps: 0, operatorCalls: 0, wallMs: 0, concurrency: 0, maxCompletionTokens: 0 };

  it('fills in defaults', () => {
    expect(compileLimits(undefined, Infinity, 'chat')).toEqual(compileLimits(none, Infinity, 'chat'));
    expect(compileLimits(undefined, Infinity, 'chat')).toMatchObject({
      steps: 200_000,
      operatorCalls: 200,
      concurrency: 16,
    });
  });

  it('clamps to the maxima', () => {
    const huge = { ...none, steps: 4e9, operatorCalls: 4e9, concurrency: 4e9 };
    expect(compileLimits(none, Infinity, 'continue').maxCompletionTokens).toBe(400);
    expect(compileLimits(huge, Infinity, 'chat')).toMatchObject({
      steps: 2e6,
      operatorCalls: 10_000,
      concurrency: 64,
    });
  });

  it('ends before the deadline, so that the result can still be sent', () => {
    expect(compileLimits(none, 5_000, 'chat').wallMs).toBe(4_750);
    expect(compileLimits(none, 10, 'chat').wallMs).toBe(1);
  });
});

describe('memoKey', () => {
  it('depends on place, label and content', () => {
    const key = memoKey('/1', 'code', { temperature: 0 });
    expect(memoKey('/1', 'code', { temperature: 0 })).toBe(key);
    const others = [
      memoKey('/2', 'code', { temperature: 0 }),
      memoKey('/1', 'vote', { temperature: 0 }),
      memoKey('/1', 'code', { temperature: 1 }),
    ];
    expect(others).not.toContain(key);
  });
});

describe('Memo', () => {
  it('gives back what it keeps, and nothing for what it can not read', () => {
    const { key, response } = new Memo([]).entry('k', { text: 'x' });
    expect(new Memo([{ key, response }]).find('k')).toEqual({ text: 'x' });
    expect(new Memo([{ key, response: Buffer.from('{') }]).find('k')).toBeUndefined();
    expect(new Memo([]).find('k')).toBeUndefined();
  });
});
