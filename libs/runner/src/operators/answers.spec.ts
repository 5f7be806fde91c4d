import { describe, expect, it } from 'vitest';
import { answerGenerate } from './answer-generate.js';
import { format } from './format.js';
import { review } from './review.js';
import { revise } from './revise.js';
import type { Operator } from './operator.js';
import { fakeContext, lastMessage } from './testing/fake-context.js';

describe('answer_generate', () => {
  it('reads thought and answer', async () => {
    const context = fakeContext({
      arguments: { input: '2 + 2?' },
      answers: ['<thought>add</thought>\n<answer>4</answer>'],
    });
    expect(await answerGenerate.standard(context)).toEqual({ thought: 'add', answer: '4' });
    expect(lastMessage(context.asked[0]?.prompt)).toContain('2 + 2?');
  });

  it('takes an answer without fields as a whole', async () => {
    const context = fakeContext({ arguments: { input: 'q' }, answers: [' It is 4. '] });
    expect(await answerGenerate.standard(context)).toEqual({ thought: '', answer: 'It is 4.' });
  });
});

describe('review', () => {
  it.each([
    ['<review_result>True</review_result><feedback>fine</feedback>', true, 'fine'],
    ['<review_result> **Yes**, it is </review_result><feedback>fine', true, 'fine'],
    ['<review_result>False</review_result><feedback>off by one</feedback>', false, 'off by one'],
    ['<review_result>incorrect</review_result><feedback>bad</feedback>', false, 'bad'],
    ['<review_result>not correct</review_result><feedback>bad</feedback>', false, 'bad'],
    ['Looks right to me.', false, 'Looks right to me.'],
  ])('reads %j', async (answer, review_result, feedback) => {
    const context = fakeContext({ arguments: { problem: 'p', solution: 's' }, answers: [answer] });
    expect(await review.standard(context)).toEqual({ review_result, feedback });
  });
});

describe('revise', () => {
  it('keeps text as text', async () => {
    const context = fakeContext({
      arguments: { problem: 'p', solution: 'four', feedback: 'use digits' },
      answers: ['Now: <solution>4</solution>'],
    });
    expect(await revise.standard(context)).toEqual({ solution: '4' });
    expect(lastMessage(context.asked[0]?.prompt)).toMatch(/four[\s\S]*use digits/);
  });

  it('keeps code as code', async () => {
    const context = fakeContext({
      arguments: { problem: 'p', solution: 'def f():\n    return 1', feedback: 'return 2' },
      task: { entryPoint: 'f' },
      answers: ['Now:\n```python\ndef f():\n    return 2\n\nf()\n```'],
    });
    expect(await revise.standard(context)).toEqual({ solution: 'def f():\n    return 2\n' });
    expect(lastMessage(context.asked[0]?.prompt)).toMatch(/return 1[\s\S]*return 2/);
  });
});

describe('compatible mode', () => {
  const given = { input: 'q', problem: 'p', solution: 's', feedback: 'f' };
  const of = (operator: Operator, answer: string) =>
    operator.compatible?.(fakeContext({ arguments: given, task: { entryPoint: 's' }, answers: [answer] }));

  it('leaves fields that a model did not give empty', async () => {
    expect(await of(answerGenerate, 'It is 4.')).toEqual({ thought: '', answer: '' });
    expect(await of(answerGenerate, '<answer>4</answer>')).toEqual({ thought: '', answer: '4' });
    expect(await of(review, 'fine')).toEqual({ review_result: false, feedback: '' });
    expect(await of(revise, 'four')).toEqual({ solution: '' });
  });

  it.each([
    ['True', true],
    ['yes', true],
    ['correct', false],
    ['True, it is', false],
  ])('takes %j for %j', async (result, review_result) => {
    const answer = `<review_result>${result}</review_result><feedback>f</feedback>`;
    expect(await of(review, answer)).toEqual({ review_result, feedback: 'f' });
  });

  it('revises code as text', async () => {
    const code = 'def s():\n    return 1';
    const context = fakeContext({
      arguments: { ...given, solution: code },
      task: { entryPoint: 's' },
      answers: ['<solution>\n```python\ndef s():\n    return 2\n```\n</solution>'],
    });
    expect(await revise.compatible?.(context)).toEqual({ solution: 'def s():\n    return 2' });
  });
});

describe('format', () => {
  it.each([
    [' 4 \n', '4'],
    ['<solution>4</solution>', '4'],
  ])('reads %j', async (answer, solution) => {
    const context = fakeContext({ arguments: { problem: 'p', solution: 'It is four.' }, answers: [answer] });
    expect(await format.standard(context)).toEqual({ solution });
  });
});
