import { RunCreated, RunEvent, RunResult, RunStatus } from '@flowreasoner/contracts/metaagent';
import { Usage, WorkflowStatus } from '@flowreasoner/contracts/workflow';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { screen } from '../testing/screen.js';
import { displayWidth } from './fit-width.js';
import { LiveView } from './live-view.js';

interface Shown {
  readonly live: LiveView;
  /** Everything that was written. */
  text(): string;
  /** What the terminal shows. */
  lines(): string[];
  /** Its last line, without the turning sign at its beginning. */
  status(): string;
}

function view(options: { columns?: number; isTTY?: boolean; env?: Record<string, string> } = {}): Shown {
  let written = '';
  const out = {
    isTTY: options.isTTY ?? true,
    columns: options.columns ?? 60,
    write: (more: string) => (written += more),
  };
  const lines = (): string[] => screen(written);
  return {
    live: new LiveView({ out, now: Date.now, env: options.env ?? { TERM: 'xterm' } }),
    text: () => written,
    lines,
    status: () => (lines().at(-1) ?? '').slice(2),
  };
}

const event = (payload: NonNullable<RunEvent['event']>, round = 1): RunEvent => ({
  ...RunEvent.fromPartial({ run: 'runs/01a22858-db27-7000-af94-eecd047d1867', round }),
  time: new Date(),
  event: payload,
});

const workflowEvent = ($case: string, value: object): RunEvent =>
  event({ $case: 'workflowEvent', value: { atMs: 0, event: { $case, value } } as never });

const reasoning = (text: string): RunEvent => event({ $case: 'reasoning', value: { text } });

const created = (fields: object = {}): RunEvent =>
  event({
    $case: 'runCreated',
    value: RunCreated.fromPartial({ options: { maxRounds: 8, meta: { model: 'thinker' }, ...fields } }),
  });

const metaFinished = (usage: Usage): RunEvent =>
  event({
    $case: 'metaRequestFinished',
    value: { usage, error: '', fromMemo: false, memo: undefined },
  });

const proposed = event({
  $case: 'workflowProposed',
  value: {
    source: `class Workflow:
    def __init__(self, name, llm_config, dataset):
        self.llm = create(llm_config)
    async def __call__(self, problem, entry_point):
        generated = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="")
        return generated['response']
`,
    modification: '',
    valid: true,
    diagnostics: [],
    repair: 0,
    refusal: '',
  } as never,
});

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('LiveView on a terminal', () => {
  it('says something from the first moment on, with the time that passes', () => {
    const { live, status } = view();
    live.start();
    expect(status()).toBe('starting · 0.0 s');
    vi.advanceTimersByTime(1300);
    expect(status()).toBe('starting · 1.3 s');
    live.stop();
    expect(status()).toBe('');
  });

  it('keeps every line within the width, and leaves no status line behind', () => {
    const { live, lines, status } = view();
    live.start();
    live.doing(`fetching ${'漢字 '.repeat(60)}`);
    vi.advanceTimersByTime(1000);
    expect(status()).toMatch(/… · 1\.0 s$/);
    expect(lines().every((line) => displayWidth(line) < 60)).toBe(true);
    live.event(proposed);
    vi.advanceTimersByTime(1000);
    live.stop();
    expect(lines().every((line) => displayWidth(line) < 60)).toBe(true);
    expect(lines().at(-1)).toBe('');
    expect(lines().join('\n')).not.toMatch(/__init__|running the workflow/);
    expect(lines()[0]).toBe('  │ generated = await');
  });

  it('names the round and how many there may be, and keeps the colours of a broken line', () => {
    const { live, lines, text } = view({ columns: 40 });
    live.start();
    live.event(created());
    live.event(
      event({ $case: 'roundStarted', value: { summary: 'more samples, '.repeat(3), parentRound: 1 } }, 2),
    );
    expect(lines().slice(0, 2)).toEqual(['Round 2 of 8  more samples, more', '    samples, more samples,']);
    expect(text()).toContain('\u001b[36mRound 2 of 8\u001b[39m');
    live.stop();
  });

  it('shows reasoning line by line, its newest words in the status line', () => {
    const { live, lines, status } = view();
    live.start();
    live.event(created());
    live.event(event({ $case: 'metaRequestStarted', value: { reserved: undefined } }));
    expect(status()).toBe('waiting for thinker to design the workflow · 0.0 s');
    live.event(reasoning('The loop multiplies three times.\nSo the expon'));
    expect(lines()[0]).toBe('  ┊ The loop multiplies three times.');
    expect(status()).toMatch(/^thinking: So the expon +0\.0 s$/);
    live.event(reasoning('ent must be two, and not three as it is in the first'));
    expect(lines()[1]).toBe('  ┊ So the exponent must be two, and not three as it is in');
    expect(status()).toMatch(/^thinking: the first +0\.0 s$/);
    live.event(event({ $case: 'metaTokenDelta', value: { text: '<graph>\nclass' } }));
    live.event(event({ $case: 'metaTokenDelta', value: { text: ' Workflow' } }));
    expect(status()).toMatch(/^thinker writes the workflow: …aph> class Workflow +0\.0 s$/);
    live.event(metaFinished(Usage.fromPartial({})));
    expect(lines()[2]).toBe('  ┊ the first');
    live.stop();
  });

  it('tells asking for a workflow from asking for a judgement', () => {
    const { live, status } = view();
    const asked = event({ $case: 'metaRequestStarted', value: { reserved: undefined } });
    live.start();
    live.event(created());
    live.event(proposed);
    live.event(asked);
    expect(status()).toBe('waiting for thinker to check the answer · 0.0 s');
    live.event(event({ $case: 'roundStarted', value: { summary: 'again', parentRound: 1 } }, 2));
    live.event(asked);
    expect(status()).toBe('waiting for thinker to design the workflow · 0.0 s');
    live.stop();
  });

  it('shows what a worker model writes, from its end', () => {
    const { live, status } = view();
    live.start();
    live.event(workflowEvent('operatorStarted', { callId: '1', operator: 'custom' }));
    live.event(workflowEvent('modelRequestStarted', { callId: '1', requestId: 'a' }));
    expect(status()).toBe('custom: waiting for the model · 0.0 s');
    live.event(workflowEvent('tokenDelta', { callId: '1', requestId: 'a', text: 'def f(x):\n    return x' }));
    expect(status()).toMatch(/^custom: def f\(x\): return x +0\.0 s$/);
    live.event(workflowEvent('tokenDelta', { callId: '1', requestId: 'a', text: ` + ${'1'.repeat(100)}2` }));
    expect(status()).toMatch(/^custom: …1+2 {3}0\.0 s$/);
    live.event(workflowEvent('finished', {}));
    expect(status()).toBe('evaluating the answer · 0.0 s');
    live.stop();
  });

  it('says for how long nothing has changed', () => {
    const { live, status } = view();
    live.start();
    vi.advanceTimersByTime(2000);
    live.event(workflowEvent('operatorStarted', { callId: '1', operator: 'custom' }));
    live.event(workflowEvent('modelRequestStarted', { callId: '1', requestId: 'a' }));
    vi.advanceTimersByTime(9900);
    expect(status()).toBe('custom: waiting for the model · 11.9 s');
    vi.advanceTimersByTime(100);
    expect(status()).toBe('custom: waiting for the model for 10.0 s · 12.0 s');
    live.doing('checking the workflow');
    expect(status()).toBe('checking the workflow · 12.0 s');
    live.stop();
  });

  it('counts time and use for each run, beside its limits', () => {
    const { live, status } = view({ columns: 120 });
    const usage = Usage.fromPartial({
      modelCalls: 1,
      promptTokens: 900,
      completionTokens: 200,
      costUsd: 0.5,
    });
    live.start();
    live.event(created());
    live.event(metaFinished(usage));
    live.event(metaFinished(usage));
    vi.advanceTimersByTime(5000);
    expect(status()).toBe('checking the workflow · 5.0 s · 2 calls · 2,200 tokens · $1.0000');
    live.event(created({ budget: { tokens: 5000 } }));
    live.event(metaFinished(usage));
    vi.advanceTimersByTime(1000);
    expect(status()).toBe('checking the workflow · 1.0 s · 1,100 of 5,000 tokens · 1 call · $0.5000');
    live.stop();
  });

  it('leaves out numbers that would take more than half of the line', () => {
    const { live, status } = view({ columns: 60 });
    live.start();
    live.event(metaFinished(Usage.fromPartial({ modelCalls: 1234, promptTokens: 1_234_567, costUsd: 0.5 })));
    expect(status()).toBe('checking the workflow · 0.0 s · 1,234 calls');
    live.stop();
  });

  it('says that it is stopping, whatever else happens', () => {
    const { live, status } = view();
    live.start();
    live.cancelling();
    live.doing('running the workflow');
    expect(status()).toBe('stopping the run · 0.0 s');
    live.stop();
  });

  it('tells the time of a run that began before it was watched', () => {
    const { live, status } = view();
    const createTime = new Date(Date.now() - 90_000);
    live.watched({ name: 'runs/1', createTime } as never);
    live.start();
    expect(status()).toBe('waiting for its next event · 1 min 30 s');
    live.stop();
  });

  it('shows no escape sequence of a model', () => {
    const { live, text } = view();
    live.start();
    live.event(reasoning('a\u001b[2Jb'));
    live.event(workflowEvent('operatorStarted', { callId: '1', operator: 'custom' }));
    live.event(workflowEvent('modelRequestStarted', { callId: '1', requestId: 'a' }));
    live.event(workflowEvent('tokenDelta', { callId: '1', requestId: 'a', text: 'c\u001b[2Jd' }));
    live.stop();
    expect(text()).toContain('a\\x1b[2Jb');
    expect(text()).toContain('c\\x1b[2Jd');
    expect(text()).not.toContain('\u001b[2J');
  });
});

describe('LiveView elsewhere', () => {
  it.each([
    ['a pipe', { isTTY: false }],
    ['a dumb terminal', { env: { TERM: 'dumb' } }],
  ])('writes plain, whole lines to %s', (_name, options) => {
    const { live, text } = view(options);
    live.start();
    for (const part of ['1 MB', '2 MB']) live.preparing(`fetching the local model: ${part}`);
    live.event(reasoning('I think. '));
    live.event(metaFinished(Usage.fromPartial({})));
    live.event(proposed);
    live.event(
      event({
        $case: 'roundEvaluated',
        value: {
          workflowStatus: WorkflowStatus.WORKFLOW_STATUS_TIMEOUT,
          feedback: 'It took\ntoo long.',
          durationMs: 1000,
        } as never,
      }),
    );
    live.result(RunResult.fromPartial({ status: RunStatus.RUN_STATUS_UNSOLVED, rounds: 1 }));
    expect(text()).toBe(
      [
        'flow: fetching the local model ...',
        '  ┊ I think. ',
        '  │ generated = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="")',
        '  │ return generated["response"]',
        '  ✗ the workflow was stopped at its time limit  1.0 s',
        '    It took too long.',
        '',
        '✗ not solved',
        '  1 round · 0.0 s',
        '',
      ].join('\n'),
    );
  });

  it('breaks a long silence', () => {
    const { live, text } = view({ isTTY: false });
    live.start();
    vi.advanceTimersByTime(20_000);
    live.line('said');
    live.doing('running the workflow');
    vi.advanceTimersByTime(29_900);
    expect(text()).toBe('said\n');
    vi.advanceTimersByTime(30_100);
    expect(text().split('\n').slice(1, -1)).toEqual([
      'flow: running the workflow for 30.0 s · 50.0 s',
      'flow: running the workflow for 1 min 0 s · 1 min 20 s',
    ]);
    live.stop();
    vi.advanceTimersByTime(100_000);
    expect(text().split('\n')).toHaveLength(4);
  });
});
