import {
  FeedbackSource,
  type RoundEvaluated,
  type Run,
  type RunEvent,
  type RunOptions,
  type RunResult,
  type WorkflowProposed,
} from '@flowreasoner/contracts/metaagent';
import { CaseStatus } from '@flowreasoner/contracts/sandbox';
import { WorkflowStatus } from '@flowreasoner/contracts/workflow';
import { TEXT_LENGTH, WorkflowActivity } from './activity.js';
import { colorsFor } from './colors.js';
import { wrap } from './fit-width.js';
import { ReasoningLines } from './reasoning-lines.js';
import { resultLines } from './result-lines.js';
import { type Status, StatusLine, type ViewOutput } from './status-line.js';
import { UsageSoFar } from './usage-so-far.js';
import {
  PRICE_UNKNOWN,
  failureWords,
  foundWords,
  oneLine,
  seconds,
  usageFacts,
  workflowEndWords,
} from './words.js';
import { workflowLines } from './workflow-lines.js';

/** Where the view writes, and what it may assume of it. */
export interface LiveViewOptions {
  readonly out: ViewOutput;
  /** Milliseconds since 1970, for elapsed times. */
  readonly now: () => number;
  /** The process' own when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** How long nothing may change before the status line says for how long it has not, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * Shows a run as it happens. On a terminal a status line with the elapsed time
 * moves below what is already certain; elsewhere only certain lines are written.
 */
export class LiveView {
  private readonly colors: ReturnType<typeof colorsFor>;
  private readonly statusLine: StatusLine;
  private readonly workflow = new WorkflowActivity();
  private readonly reasoning = new ReasoningLines();
  private usage = new UsageSoFar();
  private startedAt: number;
  private changedAt: number;
  private activity = 'starting';
  private text = '';
  private phase = '';
  private stopping = false;
  private metaModel = '';
  private maxRounds = 0;
  /** Whether the meta model is asked for a workflow; otherwise it is to judge an answer. */
  private designing = true;
  private written = '';
  private run = '';

  constructor(private readonly options: LiveViewOptions) {
    const env = options.env ?? process.env;
    this.startedAt = options.now();
    this.changedAt = this.startedAt;
    this.colors = colorsFor(options.out, env);
    this.statusLine = new StatusLine(options.out, env, () => this.status());
  }

  /** Begins to draw the status line. */
  start(): void {
    this.statusLine.start();
  }

  /** Removes the status line; what was printed stays. */
  stop(): void {
    this.statusLine.stop();
  }

  /** Says in the status line what is going on. */
  doing(activity: string, text = ''): void {
    if (activity !== this.activity || text !== this.text) this.changedAt = this.options.now();
    this.activity = activity;
    this.text = text;
    this.statusLine.draw();
  }

  /** The work is being stopped: whatever else happens, that is what the status line says. */
  cancelling(): void {
    this.stopping = true;
    this.statusLine.draw();
  }

  /**
   * Says what is being got ready, as `what: how far`. Without a status line each
   * `what` is a line of its own, so that a long wait is never a silent one.
   */
  preparing(activity: string): void {
    const phase = activity.split(':', 1)[0] ?? '';
    if (!this.statusLine.isTerminal && phase !== this.phase) this.line(`flow: ${phase} ...`);
    this.phase = phase;
    this.doing(activity);
  }

  /** Prints a line above the status line; on a terminal a long one is broken at spaces. */
  line(text: string): void {
    this.statusLine.write(text);
  }

  /** Shows one event of the run. */
  event(event: RunEvent): void {
    const payload = event.event;
    switch (payload?.$case) {
      case 'runCreated':
        return this.created(event.run, payload.value.options, event.time);
      case 'roundStarted':
        return this.roundStarted(event.round, payload.value.summary);
      case 'metaRequestStarted':
        this.written = '';
        return this.doing(
          `waiting for ${this.metaModel} to ${this.designing ? 'design the workflow' : 'check the answer'}`,
        );
      case 'reasoning':
        return this.thought(payload.value.text);
      case 'metaTokenDelta':
        this.written = `${this.written}${payload.value.text}`.slice(-TEXT_LENGTH);
        return this.doing(
          `${this.metaModel} ${this.designing ? 'writes the workflow' : 'checks the answer'}`,
          this.written,
        );
      case 'metaRequestFinished':
        this.endReasoning();
        this.usage.add(payload.value.usage);
        return this.doing(this.designing ? 'checking the workflow' : 'evaluating the answer');
      case 'workflowProposed':
        return this.proposed(payload.value);
      case 'workflowEvent':
        return this.workflowEvent(payload.value.event);
      case 'modelTestsSought': {
        const { written, kept } = payload.value;
        if (written > 0) this.line(`  a model wrote ${written} tests; ${kept} are used`);
        return;
      }
      case 'roundEvaluated':
        return this.evaluated(payload.value);
      case 'evaluationRequestStarted':
      case 'evaluationRequestFinished':
      case 'runStarted':
      case 'runFinished':
      case undefined:
        return;
    }
  }

  /** Shows how the run ended. The answer itself is left to the caller. */
  result(result: RunResult): void {
    this.stop();
    for (const line of resultLines(result, this.run, this.colors)) this.line(line);
  }

  private status(): Status {
    const now = this.options.now();
    const facts = this.usage.facts(now - this.startedAt);
    if (this.stopping) return { activity: 'stopping the run', text: '', facts };
    const still = now - this.changedAt;
    // Where that has been going on from the start, the time of the whole says it.
    const isNews = still >= PATIENCE_MS && now - this.startedAt - still >= PATIENCE_MS / 5;
    const since = isNews ? ` for ${seconds(still)}` : '';
    return { activity: `${this.activity}${since}`, text: this.text, facts };
  }

  /** Shows a run that may have begun long ago, whose first events need not come. */
  watched({ name, options, createTime, result }: Run): void {
    this.created(name, options, createTime);
    this.doing(result === undefined ? 'waiting for its next event' : 'reading its events');
  }

  private created(run: string, options: RunOptions | undefined, time: Date | undefined): void {
    this.run = run;
    this.usage = new UsageSoFar(options);
    this.designing = true;
    this.startedAt = time?.getTime() ?? this.options.now();
    this.metaModel = options?.meta?.model || 'the meta model';
    this.maxRounds = options?.maxRounds ?? 0;
    this.doing('starting the run');
  }

  private roundStarted(round: number, summary: string): void {
    const { bold, cyan } = this.colors;
    this.workflow.clear();
    this.designing = true;
    const title = this.maxRounds === 0 ? `Round ${round}` : `Round ${round} of ${this.maxRounds}`;
    this.line(`${bold(cyan(title))}  ${oneLine(summary, 200)}`);
    this.doing('designing the workflow');
  }

  private thought(text: string): void {
    this.showReasoning(this.reasoning.add(text, this.statusLine.columns - 4));
    this.doing('thinking', this.reasoning.pending);
  }

  private endReasoning(): void {
    this.showReasoning(this.reasoning.end());
  }

  private showReasoning(lines: readonly string[]): void {
    for (const line of lines) this.line(this.colors.dim(`  ┊ ${line}`));
  }

  private proposed(proposal: WorkflowProposed): void {
    const { dim, yellow } = this.colors;
    if (!proposal.valid) {
      const first = proposal.diagnostics[0];
      this.line(
        `  ${yellow('!')} not a valid workflow: ${first === undefined ? 'no program' : `${first.code} ${oneLine(first.message, 200)}`}`,
      );
      return this.doing('mending the workflow');
    }
    const width = this.statusLine.columns - 4;
    for (const text of workflowLines(proposal.source)) {
      for (const part of this.statusLine.isTerminal ? wrap(text, width) : [text]) {
        this.line(dim(`  │ ${part}`));
      }
    }
    if (proposal.refusal !== '') {
      this.line(`  ${yellow('!')} not run: ${oneLine(proposal.refusal, 200)}`);
      return this.doing('choosing another workflow');
    }
    this.designing = false;
    this.doing('running the workflow');
  }

  private workflowEvent(
    event: Extract<NonNullable<RunEvent['event']>, { $case: 'workflowEvent' }>['value']['event'],
  ): void {
    this.workflow.add(event);
    if (event?.$case === 'modelRequestFinished') this.usage.add(event.value.usage);
    if (event?.$case === 'finished') return this.doing('evaluating the answer');
    const { activity, text } = this.workflow.doing ?? { activity: 'running the workflow', text: '' };
    this.doing(activity, text);
  }

  private evaluated(round: RoundEvaluated): void {
    // That a price is not known is said once, at the end.
    const usage = usageFacts(round.usage).filter((fact) => fact !== PRICE_UNKNOWN);
    const facts = this.colors.dim([seconds(round.durationMs), ...usage].join(' · '));
    this.line(`  ${this.verdict(round)}  ${facts}`);
    const failing = round.verdict?.cases.find((result) => result.status !== CaseStatus.CASE_STATUS_PASSED);
    const why =
      failing !== undefined && failing.source !== ''
        ? `${oneLine(failing.source)} ${failureWords(failing)}`
        : isRight(round)
          ? ''
          : oneLine(round.feedback, 200);
    if (why !== '') this.line(`    ${this.colors.dim(why)}`);
    this.doing('choosing what to try next');
  }

  private verdict(round: RoundEvaluated): string {
    const { green, red, yellow } = this.colors;
    const { workflowStatus, visible, feedbackSource } = round;
    if (workflowStatus !== WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED) {
      return `${red('✗')} ${workflowEndWords(workflowStatus)}`;
    }
    const right = isRight(round);
    if (visible !== undefined) {
      return `${right ? green('✓') : red('✗')} ${visible.passed} of ${visible.total} checks pass`;
    }
    const unknown =
      feedbackSource === FeedbackSource.FEEDBACK_SOURCE_EXECUTION ||
      feedbackSource === FeedbackSource.FEEDBACK_SOURCE_UNSPECIFIED;
    const mark = !right ? red('✗') : unknown ? yellow('•') : green('✓');
    return `${mark} ${foundWords(feedbackSource, right)}`;
  }
}

function isRight({ workflowStatus, visible, solved, score }: RoundEvaluated): boolean {
  if (workflowStatus !== WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED) return false;
  return visible === undefined ? (solved ?? score === 1) : visible.passed === visible.total;
}
