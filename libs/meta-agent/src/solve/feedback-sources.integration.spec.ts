import { TextMeasure } from '@flowreasoner/contracts/evaluate';
import {
  FeedbackSource,
  ModelFeedback,
  RunStatus,
  StopReason,
  Task,
  type RunEvent,
  type RunOptions,
} from '@flowreasoner/contracts/metaagent';
import type { Suite } from '@flowreasoner/contracts/sandbox';
import { FlowError } from '@flowreasoner/rpc';
import { describe, expect, it } from 'vitest';
import type { MetaModel, MetaRequest } from '../policies/meta-model.js';
import { answered } from '../testing/fake-services.js';
import { baseOptions, resultOf, useServiceHarness } from '../testing/service-harness.js';
import { readJudgement } from './judge-answer.js';

const unchecked = Task.fromPartial({ problem: 'def double(x):\n    """Doubles x."""\n' });
const question = Task.fromPartial({ problem: 'What is six times seven?' });
const used = { modelCalls: 1, promptTokens: 10, completionTokens: 5, costUsd: 0, sandboxMs: 0 };

/** A meta model that answers by what it is asked for. */
function metaOf(
  reply: (
    what: 'tests' | 'solution' | 'judgement',
    request: MetaRequest,
    index: number,
  ) => string | FlowError,
): { meta: MetaModel; asked: MetaRequest[] } {
  const asked: MetaRequest[] = [];
  const meta: MetaModel = {
    takesGrammar: () => Promise.resolve(false),
    most: () => ({ ...used, promptTokens: 100, completionTokens: 100 }),
    complete(request) {
      asked.push(request);
      request.onUsage(used);
      const system = request.messages[0]?.content ?? '';
      const what = system.startsWith('You write tests')
        ? 'tests'
        : system.startsWith('You judge')
          ? 'judgement'
          : 'solution';
      const text = reply(what, request, asked.length - 1);
      if (text instanceof FlowError) return Promise.reject(text);
      return Promise.resolve({ text, reasoning: '', cut: false });
    },
  };
  return { meta, asked };
}

function evaluations(events: readonly RunEvent[]) {
  return events.flatMap(({ event }) => (event?.$case === 'roundEvaluated' ? [event.value] : []));
}

function sought(events: readonly RunEvent[]) {
  return events.flatMap(({ event }) => (event?.$case === 'modelTestsSought' ? [event.value] : []));
}

function budget(change: Partial<NonNullable<RunOptions['budget']>>): RunOptions {
  const none = { costUsd: undefined, tokens: undefined, modelCalls: undefined, sandboxMs: undefined };
  return { ...baseOptions(), budget: { ...none, ...change } };
}

const writtenTests =
  'assert double(1) == 2\nassert double(2) == 5\nassert double(3) == 6\nassert triple(1) == 3';

describe('a program without checks', () => {
  const harness = useServiceHarness();

  /** Right programs pass each assert but the wrong one; wrong programs fail all. */
  const behaviour = {
    run: (_request: unknown, index: number) => [answered(index === 0 ? 'wrong' : 'right')],
    grade: (request: { candidate: Uint8Array; suite: Suite | undefined }) => {
      const form = request.suite?.suite;
      const asserts = form?.$case === 'function' ? form.value.asserts : [];
      const isRight = Buffer.from(request.candidate).toString().includes('right');
      const passes = asserts.map((each) => isRight && !each.includes('5'));
      const passed = passes.filter(Boolean).length;
      return {
        status: passed === asserts.length ? 1 : 2,
        integrity: 1,
        passed,
        total: asserts.length,
        passRate: passed / asserts.length,
        cases: asserts.map((source, index) => ({
          index,
          status: passes[index] === true ? 1 : 2,
          source,
          expected: '2',
          actual: '1',
          errorType: '',
          message: '',
          wallMs: 1,
        })),
        message: '',
        wallMs: 10,
        cpuMs: 5,
        backend: 'fake',
        isolations: [],
      };
    },
  };

  it('is judged by tests that a model wrote and independent solutions agree on', async () => {
    const { meta, asked } = metaOf((what, _request, index) =>
      what === 'tests' ? writtenTests : `\`\`\`python\n${index === 3 ? 'wrong' : 'right'}\n\`\`\``,
    );
    const { client, fakes } = await harness.start(behaviour, 4, { meta });
    const events = await harness.solve(client, { task: unchecked });
    expect(resultOf(events)).toMatchObject({
      status: RunStatus.RUN_STATUS_SOLVED,
      stopReason: StopReason.STOP_REASON_MODEL_SATISFIED,
      feedbackSource: FeedbackSource.FEEDBACK_SOURCE_MODEL_TESTS,
      visible: undefined,
      answer: 'right',
      rounds: 2,
      // Two rounds, one request for tests and three for solutions.
      usage: { modelCalls: 6, sandboxMs: 5 + 3 * 10 + 10 + 5 + 10 },
    });
    expect(sought(events)).toMatchObject([{ written: 3, kept: 2 }]);
    expect(fakes.grades.at(-1)?.suite?.suite).toMatchObject({
      value: { asserts: ['assert double(1) == 2', 'assert double(3) == 6'] },
    });
    expect(evaluations(events)[0]).toMatchObject({
      score: 0,
      visible: undefined,
      feedbackSource: FeedbackSource.FEEDBACK_SOURCE_MODEL_TESTS,
      feedback: expect.stringContaining('tests were written by a model') as string,
    });
    expect(asked.map((each) => each.temperature)).toEqual([0, 0.8, 0.8, 0.8]);
    expect(new Set(asked.map((each) => each.seed)).size).toBe(4);
    expect(fakes.runs.every((each) => each.visibleChecks === undefined)).toBe(true);
  });

  it.each([
    ['no test is kept', 'assert double(2) == 5'],
    ['no test is written', 'I can not.'],
  ])('is only run where %s', async (_name, tests) => {
    const { meta } = metaOf((what) => (what === 'tests' ? tests : 'right'));
    const { client } = await harness.start(behaviour, 4, { meta });
    const events = await harness.solve(client, { task: unchecked });
    expect(resultOf(events)).toMatchObject({
      stopReason: StopReason.STOP_REASON_NO_CHECKS,
      feedbackSource: FeedbackSource.FEEDBACK_SOURCE_EXECUTION,
      rounds: 1,
    });
    expect(sought(events)).toMatchObject([{ kept: 0, tests: undefined }]);
  });

  it.each([
    ['model feedback is off', { ...baseOptions(), modelFeedback: ModelFeedback.MODEL_FEEDBACK_OFF }],
    ['half of the calls that are left are too few', budget({ modelCalls: 8 })],
    ['half of the tokens that are left are too few', budget({ tokens: 1_600 })],
  ])('is only run where %s, at no cost', async (_name, options) => {
    const { meta, asked } = metaOf(() => writtenTests);
    const { client } = await harness.start(behaviour, 4, { meta });
    const result = resultOf(await harness.solve(client, { task: unchecked, options }));
    expect(result.feedbackSource).toBe(FeedbackSource.FEEDBACK_SOURCE_EXECUTION);
    expect(asked).toEqual([]);
  });

  it('is only run where the model fails', async () => {
    const { meta } = metaOf(() => new FlowError('UNAVAILABLE', 'MODEL_UNREACHABLE', 'It is down.'));
    const { client } = await harness.start(behaviour, 4, { meta });
    const result = resultOf(await harness.solve(client, { task: unchecked }));
    expect(result.feedbackSource).toBe(FeedbackSource.FEEDBACK_SOURCE_EXECUTION);
    expect(result.status).toBe(RunStatus.RUN_STATUS_SOLVED);
  });
});

describe('an answer in text', () => {
  const harness = useServiceHarness();

  it('without checks is judged by a model, which says what is wrong', async () => {
    const { meta, asked } = metaOf((_what, request) =>
      request.messages[1]?.content.includes('42')
        ? 'Six times seven is 42.\n\nVERDICT: CORRECT'
        : 'Six times seven is not 41.\nVERDICT: INCORRECT',
    );
    const run = (_request: unknown, index: number) => [answered(String(41 + index))];
    const { client } = await harness.start({ run }, 4, { meta });
    const events = await harness.solve(client, { task: question });
    expect(resultOf(events)).toMatchObject({
      status: RunStatus.RUN_STATUS_SOLVED,
      stopReason: StopReason.STOP_REASON_MODEL_SATISFIED,
      feedbackSource: FeedbackSource.FEEDBACK_SOURCE_MODEL_JUDGEMENT,
      answer: '42',
      rounds: 2,
      usage: { modelCalls: 4 },
    });
    const feedback = evaluations(events)[0]?.feedback;
    expect(feedback).toContain('A model judged the answer wrong.\nSix times seven is not 41.');
    expect(asked[0]?.messages[1]?.content).toBe('# Question\nWhat is six times seven?\n\n# Answer\n41');
  });

  it('is not judged by a small model unless that is asked for', async () => {
    const { meta, asked } = metaOf(() => 'VERDICT: CORRECT');
    const small = { ...meta, canJudge: () => false };
    const { client } = await harness.start({ run: () => [answered('42')] }, 4, { meta: small });
    const byDefault = resultOf(await harness.solve(client, { task: question }));
    expect(byDefault.feedbackSource).toBe(FeedbackSource.FEEDBACK_SOURCE_EXECUTION);
    expect(asked).toEqual([]);
    const options = { ...baseOptions(), modelFeedback: ModelFeedback.MODEL_FEEDBACK_ON };
    const wanted = resultOf(await harness.solve(client, { task: question, options }));
    expect(wanted.feedbackSource).toBe(FeedbackSource.FEEDBACK_SOURCE_MODEL_JUDGEMENT);
  });

  it('counts as it is where the judgement is not clear', async () => {
    const { meta } = metaOf(() => 'Hm.');
    const { client } = await harness.start({ run: () => [answered('41')] }, 4, { meta });
    expect(resultOf(await harness.solve(client, { task: question }))).toMatchObject({
      stopReason: StopReason.STOP_REASON_NO_CHECKS,
      feedbackSource: FeedbackSource.FEEDBACK_SOURCE_EXECUTION,
    });
  });

  it('is judged by the checks of its task, and nothing of them reaches a model', async () => {
    const { meta, asked } = metaOf(() => 'VERDICT: CORRECT');
    const run = (_request: unknown, index: number) => [
      answered(`So it is \\boxed{${index === 0 ? '0.4' : '\\frac{1}{2}'}}`),
    ];
    const { client, fakes } = await harness.start({ run }, 4, { meta });
    const task = Task.fromPartial({
      problem: 'What is a half?',
      answerChecks: { rule: { $case: 'math', value: { accepted: ['0.50', '000.5000'] } } },
    });
    const events = await harness.solve(client, { task });
    expect(resultOf(events)).toMatchObject({
      status: RunStatus.RUN_STATUS_SOLVED,
      stopReason: StopReason.STOP_REASON_ALL_CHECKS_PASS,
      feedbackSource: FeedbackSource.FEEDBACK_SOURCE_GIVEN_CHECKS,
      visible: { passed: 1, total: 1 },
      rounds: 2,
    });
    expect(evaluations(events)[0]).toMatchObject({
      visible: { passed: 0, total: 1 },
      feedback: expect.stringContaining('The answer "0.4" is not what was asked for.') as string,
    });
    expect(asked).toEqual([]);
    expect(JSON.stringify(fakes.runs)).not.toMatch(/0\.50|000\.5/);
    expect(
      evaluations(events)
        .map((each) => each.feedback)
        .join(),
    ).not.toMatch(/0\.50|000\.5/);
  });

  it('scores by shared words and keeps the best answer', async () => {
    const run = (_request: unknown, index: number) => [
      answered(['blue', 'deep blue', 'red'][index] ?? 'red'),
    ];
    const { client } = await harness.start({ run });
    const rule = {
      $case: 'text' as const,
      value: { accepted: ['deep blue sea'], measure: TextMeasure.TEXT_MEASURE_F1, passScore: 0 },
    };
    const task = Task.fromPartial({ problem: 'Which sea?', answerChecks: { rule } });
    const options = { ...baseOptions(), maxRounds: 3 };
    expect(resultOf(await harness.solve(client, { task, options }))).toMatchObject({
      status: RunStatus.RUN_STATUS_UNSOLVED,
      stopReason: StopReason.STOP_REASON_MAX_ROUNDS,
      answer: 'deep blue',
      visible: { passed: 0, total: 1 },
    });
  });

  it('refuses graders that the server does not know, and checks of two kinds', async () => {
    const { client } = await harness.start({ run: () => [answered('x')] });
    const remote = Task.fromPartial({
      problem: 'p',
      answerChecks: { rule: { $case: 'remote', value: { grader: 'lab' } } },
    });
    await expect(harness.solve(client, { task: remote })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(
        'task.answer_checks.remote.grader must name a configured grader',
      ) as string,
    });
  });
});

describe('readJudgement', () => {
  it.each([
    ['VERDICT: CORRECT', { isCorrect: true, reason: '' }],
    ['It is fine.\n**Verdict:** correct', { isCorrect: true, reason: 'It is fine.' }],
    [
      'VERDICT: CORRECT\nNo, wait.\nVERDICT: INCORRECT',
      { isCorrect: false, reason: 'VERDICT: CORRECT\nNo, wait.' },
    ],
    ['correct', undefined],
    ['', undefined],
    ['The verdict: correct or not?', undefined],
  ])('%j', (text, judgement) => expect(readJudgement(text)).toEqual(judgement));
});
