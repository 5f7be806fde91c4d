import { colorsFor } from './colors.js';
import { cut, cutStart, displayWidth, wrap } from './fit-width.js';
import { printable } from './printable.js';

/** Where a status line is drawn: a part of a stream. */
export interface ViewOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What the status line says. */
export interface Status {
  /** What is being done. */
  readonly activity: string;
  /** Text as it is being written, of which only the end is shown; empty for none. */
  readonly text: string;
  /** Numbers, the most important first. */
  readonly facts: readonly string[];
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
/** Without a terminal: how long nothing is written before a line says that work goes on, in milliseconds. */
const SILENCE_MS = 30_000;
/** A status line does not grow beyond this, or its end would be far from its beginning. */
const MAX_COLUMNS = 120;
const ERASE_LINE = '\r\u001b[2K';
const ERASE_REST = '\u001b[K';
// A character that the terminal draws wider than expected must not push the status line into a second one.
const WRAP_OFF = '\u001b[?7l';
const WRAP_ON = '\u001b[?7h';

/**
 * A line that moves below what is already written. Where there is no terminal a
 * whole line is written instead when nothing else was for long.
 */
export class StatusLine {
  readonly isTerminal: boolean;
  private readonly colors: ReturnType<typeof colorsFor>;
  private frame = 0;
  private timer: NodeJS.Timeout | undefined;
  private drawn = false;

  /** @param status asked for whenever the line is drawn */
  constructor(
    private readonly out: ViewOutput,
    env: Readonly<Record<string, string | undefined>>,
    private readonly status: () => Status,
  ) {
    this.isTerminal = out.isTTY === true && env['TERM'] !== 'dumb';
    this.colors = colorsFor(out, env);
  }

  /** Begins to draw. */
  start(): void {
    if (this.timer !== undefined) return;
    this.timer = this.isTerminal
      ? setInterval(() => {
          this.frame = (this.frame + 1) % FRAMES.length;
          this.draw();
        }, FRAME_MS)
      : setInterval(() => this.breakSilence(), SILENCE_MS);
    this.draw();
  }

  /** Removes the line; what was written stays. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.erase();
  }

  /** Writes a line above; on a terminal a long one is broken at spaces. */
  write(text: string): void {
    this.erase();
    const lines = this.isTerminal ? wrap(text, this.columns) : [text];
    this.out.write(`${lines.join('\n')}\n`);
    if (!this.isTerminal) this.timer?.refresh();
    this.draw();
  }

  /** Draws the line anew, because what it says has changed. */
  draw(): void {
    if (this.timer === undefined || !this.isTerminal) return;
    const { cyan, dim } = this.colors;
    const { activity, text, facts } = this.status();
    const columns = Math.min(this.columns, MAX_COLUMNS);
    // Behind a text that fills the line a dot would stand alone.
    const numbers = `${text === '' ? ' · ' : '   '}${fewer(facts, columns / 2).join(' · ')}`;
    // The numbers stay in sight; what is being done may be cut.
    const room = Math.max(8, columns - displayWidth(numbers) - 2);
    const what = text === '' ? cut(printable(activity), room) : withText(activity, text, room);
    const line = `${cyan(`${FRAMES[this.frame]} ${what}`)}${dim(numbers)}`;
    // Written over the one before and erased only behind it: a line that is erased first flickers.
    this.out.write(`\r${WRAP_OFF}${cut(line, columns)}${ERASE_REST}${WRAP_ON}`);
    this.drawn = true;
  }

  /** Columns of a line; the last one stays free, where some terminals wrap. */
  get columns(): number {
    // A terminal that was never told its size says 0.
    return Math.max(20, this.out.columns || 80) - 1;
  }

  private erase(): void {
    if (this.drawn) this.out.write(ERASE_LINE);
    this.drawn = false;
  }

  private breakSilence(): void {
    const { activity, facts } = this.status();
    this.out.write(`flow: ${printable(activity)} · ${facts.join(' · ')}\n`);
  }
}

/** As many facts as half the line holds; the first one always. */
function fewer(facts: readonly string[], columns: number): readonly string[] {
  let count = facts.length;
  while (count > 1 && displayWidth(facts.slice(0, count).join(' · ')) + 3 > columns) count--;
  return facts.slice(0, count);
}

/** An activity with the end of the text that it writes, filled up so that what follows stays in place. */
function withText(activity: string, text: string, columns: number): string {
  const head = cut(`${printable(activity)}: `, columns);
  const room = columns - displayWidth(head);
  if (room < 8) return cut(printable(activity), columns);
  const tail = cutStart(printable(text.replace(/\s+/g, ' ').trimStart()), room);
  return head + tail + ' '.repeat(Math.max(0, room - displayWidth(tail)));
}
