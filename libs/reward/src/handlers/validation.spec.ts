import type { AnswerChecks } from '@flowreasoner/contracts/evaluate';
import type { PutTaskRequest, Sample } from '@flowreasoner/contracts/reward';
import { Integrity } from '@flowreasoner/contracts/sandbox';
import type { Suite } from '@flowreasoner/contracts/sandbox';
import { FlowError } from '@flowreasoner/rpc';
import { describe, expect, it } from 'vitest';
import { functionSuite, putTaskRequest, sample, stdioSuite } from '../testing/fixtures.js';
import { limits } from './limits.js';
import { validateGroup, validateScore, validateStreamed } from './validate-sample.js';
import { validatePutTask } from './validate-task.js';

const task = `tasks/${'0'.repeat(32)}`;

/** Fields that a check refuses; empty when it refuses nothing. */
function violated(check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    expect(error.code).toBe('INVALID_ARGUMENT');
    return (error.options.fieldViolations ?? []).map(({ field }) => field);
  }
}

function putViolations(changes: Partial<PutTaskRequest>): string[] {
  return violated(() => validatePutTask(putTaskRequest(changes), new Set(['lab'])));
}

function math(...accepted: string[]): AnswerChecks {
  return { rule: { $case: 'math', value: { accepted } } };
}

function valueSuite(argumentsJson: string, expectedJson: string): Suite {
  const value = { entryPoint: 'f', cases: [{ argumentsJson, expectedJson }] };
  return { suite: { $case: 'values', value }, integrity: Integrity.INTEGRITY_UNSPECIFIED, hidden: true };
}

describe('validatePutTask', () => {
  it('accepts each form of suite', () => {
    expect(putViolations({})).toEqual([]);
    expect(putViolations({ hiddenTests: stdioSuite(), visibleChecks: functionSuite() })).toEqual([]);
    expect(putViolations({ hiddenTests: valueSuite('[1, "a"]', 'null') })).toEqual([]);
  });

  it('names every field that is wrong', () => {
    const hiddenTests = functionSuite({ entryPoint: 'not a name', asserts: [] });
    expect(putViolations({ requestId: 'x'.repeat(65), hiddenTests })).toEqual([
      'request_id',
      'hidden_tests.function.entry_point',
      'hidden_tests.function',
    ]);
  });

  it.each<[string, Partial<PutTaskRequest>]>([
    ['hidden_tests', { hiddenTests: undefined }],
    ['hidden_tests', { hiddenTests: functionSuite({ asserts: ['x'.repeat(limits.suiteBytes)] }) }],
    [
      'hidden_tests.function.test_code',
      { hiddenTests: functionSuite({ testCode: 'x'.repeat(limits.testCodeBytes + 1) }) },
    ],
    [
      'hidden_tests.function.asserts',
      { hiddenTests: functionSuite({ asserts: Array(1001).fill('assert f()') }) },
    ],
    ['hidden_tests.values.cases[0].arguments_json', { hiddenTests: valueSuite('{}', '1') }],
    ['hidden_tests.values.cases[0].expected_json', { hiddenTests: valueSuite('[]', 'None') }],
    ['reference_solution', { referenceSolution: Buffer.alloc(limits.answerBytes + 1) }],
    ['reference_solution', { referenceSolution: Buffer.from([0xff]) }],
    ['answer_checks', { answerChecks: math('1') }],
    ['answer_checks', { hiddenTests: undefined, answerChecks: { rule: undefined } }],
    ['answer_checks.math.accepted', { hiddenTests: undefined, answerChecks: math() }],
    [
      'answer_checks.remote.grader',
      {
        hiddenTests: undefined,
        answerChecks: { rule: { $case: 'remote', value: { grader: 'x', data: Buffer.of() } } },
      },
    ],
    [
      'reference_solution',
      { hiddenTests: undefined, answerChecks: math('1'), referenceSolution: Buffer.from('x') },
    ],
    ['visible_checks.function.entry_point', { visibleChecks: functionSuite({ entryPoint: 'f()' }) }],
  ])('refuses %s', (field, changes) => expect(putViolations(changes)).toEqual([field]));

  it('never quotes what it refuses', () => {
    const hiddenTests = valueSuite('SECRET', 'SECRET');
    expect(() => validatePutTask(putTaskRequest({ hiddenTests }), new Set())).not.toThrow(/SECRET/);
  });
});

describe('validation of samples', () => {
  const score = (changes: Partial<Sample>): string[] =>
    violated(() => validateScore({ task, spec: '', sample: sample(changes) }));

  it.each<[string, Partial<Sample>]>([
    ['sample.sample_id', { sampleId: 'é'.repeat(33) }],
    ['sample.answer', { answer: 'x'.repeat(limits.answerBytes + 1) }],
    ['sample.workflow', { workflow: 'x'.repeat(limits.workflowBytes + 1) }],
    ['sample.budget.cost_usd', { budget: { costUsd: -1 } }],
  ])('refuses %s', (field, changes) => expect(score(changes)).toEqual([field]));

  it('needs a task and a sample', () => {
    expect(violated(() => validateScore({ task: 'tasks/../x', spec: '', sample: undefined }))).toEqual([
      'task',
      'sample',
    ]);
    expect(score({})).toEqual([]);
  });

  it('needs a name in a stream', () => {
    expect(violated(() => validateStreamed({ task, spec: '', sample: sample() }))).toEqual([
      'sample.sample_id',
    ]);
  });

  it('bounds a group and its names', () => {
    const group = (samples: Sample[]): string[] =>
      violated(() => validateGroup({ task, samples, spec: '', advantageMethod: 0 }));
    expect(group([])).toEqual(['samples']);
    expect(group(Array.from({ length: 65 }, () => sample()))).toEqual(['samples']);
    expect(group([sample({ sampleId: 'a' }), sample({ sampleId: 'a' })])).toEqual(['samples']);
    expect(group([sample(), sample(), sample({ sampleId: 'x'.repeat(65) })])).toEqual([
      'samples[2].sample_id',
    ]);
    expect(group(Array.from({ length: 64 }, () => sample()))).toEqual([]);
  });
});
