import { stripVTControlCharacters } from 'node:util';
import type {
  RoundEvaluated,
  RunEvent,
  RunResult,
  WorkflowProposed,
} from '@flowreasoner/contracts/metaagent';
import { FeedbackSource, RunStatus } from '@flowreasoner/contracts/metaagent';
import { CaseStatus } from '@flowreasoner/contracts/sandbox';
import { type Usage, WorkflowStatus } from '@flowreasoner/contracts/workflow';
import { colorsFor } from './colors.js';
import { cut, displayWidth, wrap } from './fit-width.js';
import { enumWord } from './json-events.js';
import { printable } from './printable.js';
import {
  costWords,
  failureWords,
  oneLine,
  plural,
  seconds,
  sourceWords,
  statusWords,
  usageFacts,
} from './words.js';
import { workflowLines } from './workflow-lines.js';

/** Where a view writes: a part of a stream. */
export interface ViewOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Where the view writes, and what it may assume of it. */
export interface LiveViewOptions {
  readonly out: ViewOutput;
  /** Milliseconds, for elapsed times. */
  readonly now: () => number;
  /** The process' own when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const ERASE_LINE = '\r\u001b[2K';
// A character that the terminal draws wider than expected must not push the status line into a second one.
const WRAP_OFF = '\u001b[?7l';
const WRAP_ON = '\u001b[?7h';

/**
 * Shows a run as it happens. On a terminal a status line with the elapsed time
 * moves below what is already certain; elsewhere only certain lines are written.
 */
export class LiveView {
  private readonly startedAt: number;
  private readonly terminal: boolean;
  private readonly colors: ReturnType<typeof colorsFor>;
  private activity = 'starting';
  private phase = '';
  private frame = 0;
  private timer: NodeJS.Timeout | undefined;
  private drawn = false;
  private readonly running = new Map<string, string>();
  private modelCalls = 0;
  private tokens = 0;
  private costUsd: number | undefined = 0;

  constructor(private readonly options: LiveViewOptions) {
    const env = options.env ?? process.env;
    this.startedAt = options.now();
    this.terminal = options.out.isTTY === true && env['TERM'] !== 'dumb';
    this.colors = colorsFor(options.out, env);
  }

  /** Begins to draw the status line. */
  start(): void {
    if (this.terminal) this.timer ??= setInterval(() => this.draw(), FRAME_MS);
  }

  /** Removes the status line; what was printed stays. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.erase();
  }

  /** Says in the status line what is going on. */
  doing(activity: string): void {
    this.activity = activity;
    this.draw();
  }

  /**
   * Says what is being got ready, as `what: how far`. Without a status line each
   * `what` is a line of its own, so that a long wait is never a silent one.
   */
  preparing(activity: string): void {
    const phase = activity.split(':', 1)[0] ?? '';
    if (!this.terminal && phase !== this.phase) this.line(`flow: ${phase} ...`);
    this.phase = phase;
    this.doing(activity);
  }

  /** Prints a line above the status line; on a terminal a long one is broken at spaces. */
  line(text: string): void {
    this.erase();
    this.options.out.write(`${this.fitted(text)}\n`);
    this.draw();
  }

  /** Shows one event of the run. */
  event(event: RunEvent): void {
    const { bold, cyan } = this.colors;
    const payload = event.event;
    switch (payload?.$case) {
      case 'roundStarted':
        this.running.clear();
        this.line(`${bold(cyan(`Round ${event.round}`))}  ${oneLine(payload.value.summary)}`);
        return this.doing('designing the workflow');
      case 'reasoning':
        return this.doing(`thinking: ${tail(payload.value.text)}`);
      case 'workflowProposed':
        return this.proposed(payload.value);
      case 'workflowEvent':
        return this.workflowEvent(payload.value.event);
      case 'metaRequestFinished':
        return this.count(payload.value.usage);
      case 'modelTestsSought':
        return this.line(`  a model wrote ${payload.value.written} tests; ${payload.value.kept} are used`);
      case 'roundEvaluated':
        return this.evaluated(payload.value);
      case 'metaRequestStarted':
      case 'evaluationRequestFinished':
      case 'runCreated':
      case 'runStarted':
      case 'runFinished':
      case undefined:
        return;
    }
  }

  /** Shows how the run ended. The answer itself is left to the caller. */
  result(result: RunResult): void {
    this.stop();
    const { bold, dim } = this.colors;
    const { visible, hidden } = result;
    const checks =
      visible === undefined ? '' : `  ${dim(`${visible.passed} of ${visible.total} visible checks pass`)}`;
    this.line('');
    this.line(`${this.resultMark(result)} ${bold(statusWords(result))}${checks}`);
    if (result.feedbackSource !== FeedbackSource.FEEDBACK_SOURCE_UNSPECIFIED) {
      this.line(dim(`  judged by ${sourceWords(result.feedbackSource)}`));
    }
    if (hidden !== undefined) {
      this.line(
        dim(`  hidden tests: ${hidden.passed} of ${hidden.total} pass · reward ${hidden.reward.toFixed(2)}`),
      );
    }
    const facts = [plural(result.rounds, 'round'), seconds(result.durationMs), ...usageFacts(result.usage)];
    this.line(dim(`  ${facts.join(' · ')}`));
    if (result.message !== '') this.line(`  ${printable(result.message)}`);
    if (result.hint !== '') this.line(`  ${dim(printable(result.hint))}`);
  }

  private resultMark({ status, feedbackSource }: RunResult): string {
    const { green, red, yellow } = this.colors;
    if (status !== RunStatus.RUN_STATUS_SOLVED) return red('✗');
    // An answer that merely came is not a success.
    return feedbackSource === FeedbackSource.FEEDBACK_SOURCE_EXECUTION ? yellow('•') : green('✓');
  }

  private proposed(proposal: WorkflowProposed): void {
    const { dim, yellow } = this.colors;
    if (!proposal.valid) {
      const first = proposal.diagnostics[0];
      this.line(
        `  ${yellow('!')} not a valid workflow: ${first === undefined ? 'no program' : `${first.code} ${oneLine(first.message)}`}`,
      );
      return this.doing('mending the workflow');
    }
    const width = this.width() - 4;
    for (const text of workflowLines(proposal.source)) {
      for (const part of this.terminal ? wrap(text, width) : [text]) this.line(dim(`  │ ${part}`));
    }
    if (proposal.refusal !== '') this.line(`  ${yellow('!')} not run: ${oneLine(proposal.refusal)}`);
    this.doing('running the workflow');
  }

  private workflowEvent(
    payload: Extract<NonNullable<RunEvent['event']>, { $case: 'workflowEvent' }>['value']['event'],
  ): void {
    switch (payload?.$case) {
      case 'operatorStarted':
        this.running.set(payload.value.callId, payload.value.operator);
        return this.doing(this.runningWords());
      case 'operatorFinished':
        this.running.delete(payload.value.callId);
        return this.doing(this.runningWords());
      case 'modelRequestFinished':
        return this.count(payload.value.usage);
      case 'modelRequestStarted':
      case 'tokenDelta':
      case 'sandboxRequestFinished':
      case 'finished':
      case undefined:
        return;
    }
  }

  private evaluated(round: RoundEvaluated): void {
    const { dim, green, red, yellow } = this.colors;
    const facts = dim([seconds(round.durationMs), ...usageFacts(round.usage)].join(' · '));
    if (round.workflowStatus !== WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED) {
      const word = enumWord(WorkflowStatus[round.workflowStatus], 'WORKFLOW_STATUS_');
      this.line(`  ${red('✗')} the workflow ended: ${word}  ${facts}`);
      if (round.feedback !== '') this.line(dim(`    ${oneLine(round.feedback)}`));
    } else if (round.visible === undefined) {
      this.line(`  ${yellow('•')} answered, without checks to pass  ${facts}`);
    } else {
      const { passed, total } = round.visible;
      this.line(`  ${passed === total ? green('✓') : red('✗')} ${passed} of ${total} checks pass  ${facts}`);
    }
    const failing = round.verdict?.cases.find((result) => result.status !== CaseStatus.CASE_STATUS_PASSED);
    if (failing !== undefined && failing.source !== '') {
      this.line(dim(`    ${oneLine(failing.source)} ${failureWords(failing)}`));
    }
    this.doing('choosing what to try next');
  }

  private count(usage: Usage | undefined): void {
    if (usage === undefined) return;
    this.modelCalls += usage.modelCalls;
    this.tokens += usage.promptTokens + usage.completionTokens;
    this.costUsd =
      this.costUsd === undefined || usage.costUsd === undefined ? undefined : this.costUsd + usage.costUsd;
    this.draw();
  }

  private runningWords(): string {
    const names = [...this.running.values()];
    if (names.length === 0) return 'evaluating the answer';
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts].map(([name, count]) => (count === 1 ? name : `${name} ×${count}`)).join(', ');
  }

  private draw(): void {
    if (this.timer === undefined) return;
    this.frame = (this.frame + 1) % FRAMES.length;
    const facts = [
      seconds(this.options.now() - this.startedAt),
      ...(this.modelCalls === 0
        ? []
        : [
            plural(this.modelCalls, 'model call'),
            `${this.tokens.toLocaleString('en')} tokens`,
            costWords(this.costUsd),
          ]),
    ].join(' · ');
    // The numbers stay in sight; what is being done may be cut.
    const room = Math.max(8, this.width() - displayWidth(facts) - 5);
    const text = cut(`${FRAMES[this.frame]} ${cut(printable(this.activity), room)} · ${facts}`, this.width());
    this.options.out.write(`${ERASE_LINE}${WRAP_OFF}${this.colors.cyan(text)}${WRAP_ON}`);
    this.drawn = true;
  }

  private erase(): void {
    if (this.drawn) this.options.out.write(ERASE_LINE);
    this.drawn = false;
  }

  private fitted(text: string): string {
    if (!this.terminal || displayWidth(stripVTControlCharacters(text)) <= this.width()) return text;
    // Colours would be counted as text, and broken; a line that is too long goes without.
    return wrap(stripVTControlCharacters(text), this.width()).join('\n');
  }

  /** Columns of a line; the last one stays free, where some terminals wrap. */
  private width(): number {
    // A terminal that was never told its size says 0.
    return Math.max(20, this.options.out.columns || 80) - 1;
  }
}

function tail(text: string): string {
  const flat = printable(text.replace(/\s+/g, ' '));
  return flat.length > 60 ? `…${flat.slice(-60)}` : flat;
}
