import type { AnswerChecks } from '@flowreasoner/contracts/evaluate';
import { FeedbackSource, TaskKind, type Task } from '@flowreasoner/contracts/metaagent';
import { Integrity, WhitespaceRule, type Suite } from '@flowreasoner/contracts/sandbox';
import { assertsOfQuery, functionOfAsserts } from '../query-examples/asserts.js';
import { assertsOfArrows, assertsOfDoctests } from '../query-examples/doctests.js';
import { findStub } from '../query-examples/python-stub.js';
import { assertsOfSamples, stdioCases } from '../query-examples/sample-io.js';
import type { PreparedTask } from './context.js';

const maxAsserts = 100;

/**
 * Works out what a query tells: whether a program is asked for, which function,
 * and where feedback comes from. Checks of the caller come first, then examples
 * in the query itself; without either feedback comes from a model, or an answer
 * is only run.
 */
export function prepareTask(task: Task): PreparedTask {
  const isProse =
    task.kind === TaskKind.TASK_KIND_MATH ||
    task.kind === TaskKind.TASK_KIND_QUESTION ||
    (task.answerChecks !== undefined && task.kind !== TaskKind.TASK_KIND_CODE);
  const entryPoint = isProse ? task.entryPoint : entryPointOf(task);
  const given = withEntryPoint(task.visibleChecks, entryPoint);
  const { answerChecks } = task;
  const found =
    given !== undefined || answerChecks !== undefined || isProse
      ? undefined
      : suiteOfQuery(task.problem, entryPoint);
  const suite = given ?? found;
  const isCode =
    !isProse && (task.kind === TaskKind.TASK_KIND_CODE || entryPoint !== '' || suite !== undefined);
  return {
    task,
    isCode,
    problem: problemOf(task),
    entryPoint,
    suite,
    answerChecks,
    source: sourceOf(given ?? answerChecks, found),
  };
}

/** What models are given: the query, after what it was asked in. */
function problemOf({ context, problem }: Task): string {
  return context === '' ? problem : `${context}\n\n---\n\n${problem}`;
}

function sourceOf(given: Suite | AnswerChecks | undefined, found: Suite | undefined): FeedbackSource {
  if (given !== undefined) return FeedbackSource.FEEDBACK_SOURCE_GIVEN_CHECKS;
  if (found !== undefined) return FeedbackSource.FEEDBACK_SOURCE_QUERY_EXAMPLES;
  return FeedbackSource.FEEDBACK_SOURCE_EXECUTION;
}

function entryPointOf(task: Task): string {
  return (
    task.entryPoint ||
    entryPointOfSuite(task.visibleChecks) ||
    findStub(task.problem, '')?.entryPoint ||
    functionOfAsserts(task.problem) ||
    ''
  );
}

function entryPointOfSuite(suite: Suite | undefined): string {
  const form = suite?.suite;
  if (form === undefined || form.$case === 'stdio') return '';
  const asserts = form.$case === 'function' ? form.value.asserts.join('\n') : '';
  return form.value.entryPoint || functionOfAsserts(asserts) || '';
}

/** Checks that name no function are about the one that is asked for. */
function withEntryPoint(suite: Suite | undefined, entryPoint: string): Suite | undefined {
  const form = suite?.suite;
  if (suite === undefined || form?.$case !== 'function' || form.value.entryPoint !== '') return suite;
  return { ...suite, suite: { ...form, value: { ...form.value, entryPoint } } };
}

/** Checks made of the query's own examples; undefined when it has none. */
function suiteOfQuery(query: string, entryPoint: string): Suite | undefined {
  if (entryPoint === '') {
    const cases = stdioCases(query);
    return cases.length === 0
      ? undefined
      : suite({
          $case: 'stdio',
          value: { cases, tolerance: 0, whitespace: WhitespaceRule.WHITESPACE_RULE_TRAILING },
        });
  }
  const asserts = assertsOf(query, entryPoint);
  if (asserts.length === 0) return undefined;
  return suite({ $case: 'function', value: { entryPoint, testCode: '', asserts } });
}

function assertsOf(query: string, entryPoint: string): string[] {
  // A docstring's examples are about its function; without one the whole query is read.
  const text = findStub(query, entryPoint)?.docstring || query;
  const found = [
    ...assertsOfDoctests(text, entryPoint),
    ...assertsOfArrows(text, entryPoint),
    ...assertsOfQuery(query, entryPoint),
  ];
  const asserts = found.length > 0 ? found : assertsOfSamples(query, entryPoint);
  return [...new Set(asserts)].slice(0, maxAsserts);
}

function suite(form: NonNullable<Suite['suite']>): Suite {
  return { suite: form, integrity: Integrity.INTEGRITY_UNSPECIFIED, hidden: false };
}
