import pc from 'picocolors';
import type {
  RunEvent,
  RunResult,
  WorkflowProposed,
  RoundEvaluated,
} from '@flowreasoner/contracts/metaagent';
import { FeedbackSource, RunStatus, StopReason } from '@flowreasoner/contracts/metaagent';
import { CaseStatus } from '@flowreasoner/contracts/sandbox';
import { type Usage, WorkflowStatus } from '@flowreasoner/contracts/workflow';
import { enumWord } from './json-events.js';
import { printable } from './printable.js';

/** Where the view writes, and what it may assume of it. */
export interface LiveViewOptions {
  readonly out: NodeJS.WriteStream;
  /** Milliseconds, for elapsed times. */
  readonly now: () => number;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const MAX_WORKFLOW_LINES = 24;

/**
 * Shows a run as it happens. On a terminal a status line with the elapsed time
 * moves below what is already certain; elsewhere only certain lines are written.
 */
export class LiveView {
  private readonly startedAt: number;
  private readonly terminal: boolean;
  private activity = 'starting';
  private frame = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly running = new Map<string, string>();
  private modelCalls = 0;
  private tokens = 0;

  constructor(private readonly options: LiveViewOptions) {
    this.startedAt = options.now();
    this.terminal = options.out.isTTY === true && process.env['TERM'] !== 'dumb';
  }

  /** Begins to draw the status line. */
  start(): void {
    if (this.terminal) this.timer = setInterval(() => this.draw(), FRAME_MS);
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

  /** Prints a line above the status line. */
  line(text: string): void {
    this.erase();
    this.options.out.write(`${text}\n`);
    this.draw();
  }

  /** Shows one event of the run. */
  event(event: RunEvent): void {
    const payload = event.event;
    switch (payload?.$case) {
      case 'roundStarted':
        this.running.clear();
        this.line(`${pc.bold(pc.cyan(`Round ${event.round}`))}  ${oneLine(payload.value.summary)}`);
        return this.doing('designing');
      case 'reasoning':
        return this.doing(`thinking: ${tail(payload.value.text)}`);
      case 'workflowProposed':
        return this.proposed(payload.value);
      case 'workflowEvent':
        return this.workflowEvent(payload.value.event);
      case 'metaRequestFinished':
        return this.count(payload.value.usage);
      case 'roundEvaluated':
        return this.evaluated(payload.value);
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
    const solved = result.status === RunStatus.RUN_STATUS_SOLVED;
    const mark = solved ? pc.green('✓') : pc.red('✗');
    const facts = [
      result.visible === undefined
        ? undefined
        : `${result.visible.passed} of ${result.visible.total} visible checks pass`,
      plural(result.rounds, 'round'),
      seconds(result.durationMs),
      ...usageFacts(result.usage),
    ].filter((fact) => fact !== undefined);
    this.line('');
    this.line(`${mark} ${pc.bold(statusWords(result))}  ${pc.dim(facts.join(' · '))}`);
    if (result.feedbackSource !== FeedbackSource.FEEDBACK_SOURCE_UNSPECIFIED) {
      this.line(pc.dim(`  judged by ${sourceWords(result.feedbackSource)}`));
    }
    if (result.hidden !== undefined) {
      this.line(
        `  hidden tests: ${result.hidden.passed} of ${result.hidden.total} pass, reward ${result.hidden.reward.toFixed(2)}`,
      );
    }
    if (result.message !== '') this.line(`  ${printable(result.message)}`);
    if (result.hint !== '') this.line(`  ${pc.dim(result.hint)}`);
  }

  private proposed(proposal: WorkflowProposed): void {
    if (!proposal.valid) {
      const first = proposal.diagnostics[0];
      this.line(
        `  ${pc.yellow('!')} not a valid workflow: ${first === undefined ? 'no program' : `${first.code} ${oneLine(first.message)}`}`,
      );
      return this.doing('mending the workflow');
    }
    for (const text of programLines(proposal.source)) this.line(pc.dim(`  │ ${text}`));
    if (proposal.refusal !== '') this.line(`  ${pc.yellow('!')} not run: ${oneLine(proposal.refusal)}`);
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
    const facts = pc.dim([seconds(round.durationMs), ...usageFacts(round.usage)].join(' · '));
    if (round.workflowStatus !== WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED) {
      const word = enumWord(WorkflowStatus[round.workflowStatus], 'WORKFLOW_STATUS_');
      this.line(`  ${pc.red('✗')} the workflow ended: ${word}  ${facts}`);
    } else if (round.visible === undefined) {
      this.line(`  ${pc.green('•')} answered, without checks to pass  ${facts}`);
    } else {
      const { passed, total } = round.visible;
      this.line(
        `  ${passed === total ? pc.green('✓') : pc.red('✗')} ${passed} of ${total} checks pass  ${facts}`,
      );
    }
    const failing = round.verdict?.cases.find((result) => result.status !== CaseStatus.CASE_STATUS_PASSED);
    if (failing !== undefined && failing.source !== '') {
      this.line(pc.dim(`    ${oneLine(failing.source)} ${failureWords(failing)}`));
    }
    this.doing('choosing what to try next');
  }

  private count(usage: Usage | undefined): void {
    this.modelCalls += usage?.modelCalls ?? 0;
    this.tokens += (usage?.promptTokens ?? 0) + (usage?.completionTokens ?? 0);
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
    const elapsed = seconds(this.options.now() - this.startedAt);
    const used =
      this.modelCalls === 0
        ? ''
        : ` · ${plural(this.modelCalls, 'model call')} · ${this.tokens.toLocaleString('en')} tokens`;
    const width = Math.max(20, (this.options.out.columns ?? 80) - 1);
    const text = `${FRAMES[this.frame]} ${this.activity} · ${elapsed}${used}`;
    this.options.out.write(`\r\u001b[2K${pc.cyan(text.slice(0, width))}`);
  }

  private erase(): void {
    if (this.terminal) this.options.out.write('\r\u001b[2K');
  }
}

/** Lines of a workflow worth showing: the program, without tags and blank lines. */
function programLines(source: string): string[] {
  const graph = /<graph>([\s\S]*?)<\/graph>/.exec(source)?.[1] ?? source;
  const lines = printable(graph)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*(import|from)\s/.test(line));
  if (lines.length <= MAX_WORKFLOW_LINES) return lines;
  return [...lines.slice(0, MAX_WORKFLOW_LINES), `… ${lines.length - MAX_WORKFLOW_LINES} more lines`];
}

/** Tokens, calls and price in words; "price unknown" when it is. */
export function usageFacts(usage: Usage | undefined): string[] {
  if (usage === undefined) return [];
  const tokens = usage.promptTokens + usage.completionTokens;
  return [
    plural(usage.modelCalls, 'model call'),
    `${tokens.toLocaleString('en')} tokens`,
    usage.costUsd === undefined ? 'price unknown' : `$${usage.costUsd.toFixed(usage.costUsd === 0 ? 0 : 4)}`,
  ];
}

function statusWords(result: RunResult): string {
  if (
    result.status === RunStatus.RUN_STATUS_UNSOLVED &&
    result.stopReason === StopReason.STOP_REASON_MAX_ROUNDS
  ) {
    return 'not solved: no rounds left';
  }
  const words: Record<RunStatus, string> = {
    [RunStatus.RUN_STATUS_UNSPECIFIED]: 'ended',
    [RunStatus.RUN_STATUS_SOLVED]: result.visible === undefined ? 'finished' : 'solved',
    [RunStatus.RUN_STATUS_UNSOLVED]: 'not solved',
    [RunStatus.RUN_STATUS_BUDGET]: 'stopped: the budget is used up',
    [RunStatus.RUN_STATUS_DEADLINE]: 'stopped: the deadline has passed',
    [RunStatus.RUN_STATUS_CANCELLED]: 'cancelled',
    [RunStatus.RUN_STATUS_UNAVAILABLE]: 'stopped: a model or service is unavailable',
    [RunStatus.RUN_STATUS_FAILED]: 'failed',
  };
  return words[result.status];
}

function sourceWords(source: FeedbackSource): string {
  const words: Record<FeedbackSource, string> = {
    [FeedbackSource.FEEDBACK_SOURCE_UNSPECIFIED]: 'nothing',
    [FeedbackSource.FEEDBACK_SOURCE_GIVEN_CHECKS]: 'the checks that came with the task',
    [FeedbackSource.FEEDBACK_SOURCE_QUERY_EXAMPLES]: 'the examples in the query itself',
    [FeedbackSource.FEEDBACK_SOURCE_MODEL_TESTS]: 'tests that a model wrote',
    [FeedbackSource.FEEDBACK_SOURCE_EXECUTION]:
      'running it: it ends without an error, which says little about being right',
    [FeedbackSource.FEEDBACK_SOURCE_MODEL_JUDGEMENT]: "a model's judgement",
  };
  return words[source];
}

function failureWords(failing: {
  status: CaseStatus;
  actual: string;
  errorType: string;
  message: string;
}): string {
  if (failing.status === CaseStatus.CASE_STATUS_TIMEOUT) return '→ took too long';
  if (failing.errorType !== '') return `→ ${failing.errorType}: ${oneLine(failing.message)}`;
  return failing.actual === '' ? `→ ${oneLine(failing.message)}` : `→ got ${oneLine(failing.actual)}`;
}

function oneLine(text: string): string {
  const flat = printable(text.replace(/\s+/g, ' ').trim());
  return flat.length > 100 ? `${flat.slice(0, 99)}…` : flat;
}

function tail(text: string): string {
  const flat = printable(text.replace(/\s+/g, ' '));
  return flat.length > 60 ? `…${flat.slice(-60)}` : flat;
}

/** `1 round`, `2 rounds`. */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** Milliseconds as `0.8 s` or `2 min 5 s`. */
export function seconds(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
