import { RunEvent, RunResult, RunStatus } from '@flowreasoner/contracts/metaagent';
import { WorkflowStatus } from '@flowreasoner/contracts/workflow';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { displayWidth } from './fit-width.js';
import { LiveView } from './live-view.js';

/** What a terminal shows after the text: carriage returns and erased lines are carried out. */
function screen(text: string): string[] {
  const lines = [''];
  for (const [token] of text.matchAll(/\u001b\[[?\d;]*[A-Za-z]|\r|\n|[^\u001b\r\n]+/g)) {
    if (token === '\n') lines.push('');
    else if (token === '\u001b[2K') lines[lines.length - 1] = '';
    else if (token !== '\r' && !token.startsWith('\u001b')) lines[lines.length - 1] += token;
  }
  return lines;
}

function view(options: { columns?: number; isTTY?: boolean; env?: Record<string, string> } = {}): {
  live: LiveView;
  text: () => string;
} {
  let text = '';
  const out = {
    isTTY: options.isTTY ?? true,
    columns: options.columns ?? 60,
    write: (more: string) => (text += more),
  };
  return {
    live: new LiveView({ out, now: Date.now, env: options.env ?? { TERM: 'xterm' } }),
    text: () => text,
  };
}

const event = (payload: NonNullable<RunEvent['event']>): RunEvent =>
  ({ ...RunEvent.fromPartial({ run: 'runs/1', round: 1 }), event: payload }) as RunEvent;

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
  it('keeps every line within the width, and leaves no status line behind', () => {
    const { live, text } = view();
    live.start();
    live.doing(`thinking: ${'漢字 '.repeat(60)}`);
    vi.advanceTimersByTime(1000);
    expect(screen(text()).every((line) => displayWidth(line) < 60)).toBe(true);
    expect(screen(text()).at(-1)).toContain('… · 1.0 s');
    live.event(proposed);
    vi.advanceTimersByTime(1000);
    live.stop();
    const lines = screen(text());
    expect(lines.every((line) => displayWidth(line) < 60)).toBe(true);
    expect(lines.at(-1)).toBe('');
    expect(lines.join('\n')).not.toMatch(/__init__|running the workflow/);
    expect(lines[0]).toBe('  │ generated = await');
  });

  it('shows no escape sequence of a model', () => {
    const { live, text } = view();
    live.start();
    live.event(event({ $case: 'reasoning', value: { text: 'a\u001b[2Jb' } as never }));
    live.stop();
    expect(text()).toContain('a\\x1b[2Jb');
    expect(text()).not.toContain('\u001b[2J');
  });

  it('counts what models were asked for', () => {
    const { live, text } = view({ columns: 90 });
    live.start();
    const usage = { modelCalls: 1, promptTokens: 900, completionTokens: 200, costUsd: 0.5, sandboxMs: 0 };
    for (let call = 0; call < 2; call++)
      live.event(event({ $case: 'metaRequestFinished', value: { usage, error: '' } as never }));
    expect(screen(text()).at(-1)).toContain('2 model calls · 2,200 tokens · $1.0000');
    live.stop();
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
        '  │ generated = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="")',
        '  │ return generated["response"]',
        '  ✗ the workflow ended: timeout  1.0 s',
        '    It took too long.',
        '',
        '✗ not solved',
        '  1 round · 0.0 s',
        '',
      ].join('\n'),
    );
  });
});
