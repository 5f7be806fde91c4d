import { describe, expect, it } from 'vitest';
import { answerChecksOf } from './answer-checks.js';
import { parseTaskFile } from './task-file.js';

function ruleOf(yaml: string) {
  const { answer_checks: file } = parseTaskFile(`{"id":"t","problem":"p","answer_checks":${yaml}}`, 't');
  return file === undefined ? undefined : answerChecksOf(file).rule;
}

describe('answerChecksOf', () => {
  it('reads maths, texts and graders', () => {
    expect(ruleOf('{"math":"42"}')).toEqual({ $case: 'math', value: { accepted: ['42'] } });
    expect(ruleOf('{"math":["1","2"]}')).toEqual({ $case: 'math', value: { accepted: ['1', '2'] } });
    expect(ruleOf('{"text":"blue"}')).toEqual({
      $case: 'text',
      value: { accepted: ['blue'], measure: 1, passScore: 0 },
    });
    expect(ruleOf('{"text":["a"],"measure":"drop","pass_score":0.5}')).toEqual({
      $case: 'text',
      value: { accepted: ['a'], measure: 3, passScore: 0.5 },
    });
    expect(ruleOf('{"grader":"lab","data":"key"}')).toEqual({
      $case: 'remote',
      value: { grader: 'lab', data: Buffer.from('key') },
    });
  });

  it.each([
    '{}',
    '{"math":[]}',
    '{"math":"1","text":"1"}',
    '{"text":"a","measure":"bleu"}',
    '{"text":"a","pass_score":0}',
  ])('refuses %s', (yaml) => expect(() => ruleOf(yaml)).toThrow(/answer_checks/));
});
