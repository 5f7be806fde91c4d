import type { WorkflowEvent } from '@flowreasoner/contracts/workflow';
import { describe, expect, it } from 'vitest';
import { WorkflowActivity } from './activity.js';

type Case = NonNullable<WorkflowEvent['event']>['$case'];

/** Activity after events, each a kind with its fields. */
function after(...events: [Case, Record<string, unknown>][]): WorkflowActivity {
  const activity = new WorkflowActivity();
  for (const [$case, value] of events) activity.add({ $case, value } as never);
  return activity;
}

const started = (callId: string, operator: string): [Case, object] => [
  'operatorStarted',
  { callId, operator },
];
const asked = (callId: string, requestId: string): [Case, object] => [
  'modelRequestStarted',
  { callId, requestId },
];
const wrote = (callId: string, requestId: string, text: string): [Case, object] => [
  'tokenDelta',
  { callId, requestId, text },
];
const answered = (callId: string, requestId: string): [Case, object] => [
  'modelRequestFinished',
  { callId, requestId },
];

const doing = (...events: [Case, object][]): unknown =>
  after(...(events as [Case, Record<string, unknown>][])).doing;

describe('WorkflowActivity', () => {
  it('waits for a model, then shows what it writes', () => {
    const waiting = [started('1', 'custom'), asked('1', 'a')];
    expect(doing(...waiting)).toEqual({ activity: 'custom: waiting for the model', text: '' });
    expect(doing(...waiting, wrote('1', 'a', 'x = '), wrote('1', 'a', '1'))).toEqual({
      activity: 'custom',
      text: 'x = 1',
    });
  });

  it('counts the answers to one request, and follows the one begun last', () => {
    const three = [started('1', 'multi_generate'), ...['a', 'b', 'c'].map((id) => asked('1', id))];
    expect(doing(...three)).toEqual({ activity: 'multi_generate: waiting for 3 answers', text: '' });
    const two = [...three, wrote('1', 'a', 'first'), wrote('1', 'b', 'second'), wrote('1', 'a', ' more')];
    expect(doing(...two)).toEqual({ activity: 'multi_generate, answer 2 of 3', text: 'second' });
    expect(doing(...two, answered('1', 'b'))).toEqual({
      activity: 'multi_generate, answer 2 of 3',
      text: 'first more',
    });
  });

  it('says that code runs where an operator that runs code waits for no model', () => {
    const sandbox = { activity: 'test: running code in the sandbox', text: '' };
    expect(doing(started('1', 'test'))).toEqual(sandbox);
    const mending = [started('1', 'test'), asked('1', 'a'), wrote('1', 'a', 'x')];
    expect(doing(...mending, answered('1', 'a'))).toEqual(sandbox);
    expect(doing(...mending, answered('1', 'a'), asked('1', 'b'))).toEqual({
      activity: 'test: waiting for the model',
      text: '',
    });
  });

  it('counts operators that work at the same time', () => {
    expect(doing(started('1', 'custom'), started('2', 'custom'), started('3', 'test'))).toEqual({
      activity: 'custom ×2, test',
      text: '',
    });
  });

  it('knows nothing before the first operator, after the last one and after a new beginning', () => {
    expect(doing()).toBeUndefined();
    expect(doing(started('1', 'custom'), ['operatorFinished', { callId: '1' }])).toBeUndefined();
    const activity = after(['operatorStarted', { callId: '1', operator: 'custom' }]);
    activity.clear();
    expect(activity.doing).toBeUndefined();
  });

  it('keeps no more of a text than can be shown', () => {
    const text = after(
      ['operatorStarted', { callId: '1', operator: 'custom' }],
      ['modelRequestStarted', { callId: '1', requestId: 'a' }],
      ['tokenDelta', { callId: '1', requestId: 'a', text: `${'x'.repeat(10_000)}end` }],
    ).doing?.text;
    expect(text).toHaveLength(240);
    expect(text).toMatch(/end$/);
  });
});
