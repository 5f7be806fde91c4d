import { displayWidth, wrap } from './fit-width.js';
import { printable } from './printable.js';

/** Lines of one round's reasoning that are shown; `--json` has all of it. */
const MAX_LINES = 40;
/** No line is longer, however wide the terminal: prose is read in columns. */
const MAX_COLUMNS = 100;

/** Breaks reasoning that comes in pieces into lines, each given out once it is whole. */
export class ReasoningLines {
  private rest = '';
  private shown = 0;
  private left = 0;

  /** Takes the next piece and gives out the lines that it completes. */
  add(text: string, columns: number): string[] {
    this.rest += printable(text).replaceAll('\t', '  ');
    const width = Math.min(columns, MAX_COLUMNS);
    const paragraphs = this.rest.split('\n');
    const last = paragraphs.pop() ?? '';
    const whole = paragraphs.flatMap((paragraph) => wrap(paragraph, width, 0));
    const lines = displayWidth(last) > width ? wrap(last, width, 0) : [last];
    this.rest = lines.pop() ?? '';
    return this.first([...whole, ...lines]);
  }

  /** What has come of the next line. */
  get pending(): string {
    return this.rest;
  }

  /** Gives out what is left, and says how much was not shown; the next piece begins anew. */
  end(): string[] {
    const lines = this.first([this.rest]);
    if (this.left > 0) lines.push(`… ${this.left} more lines`);
    this.rest = '';
    this.shown = 0;
    this.left = 0;
    return lines;
  }

  private first(lines: readonly string[]): string[] {
    const filled = lines.filter((line) => line.trim() !== '');
    const taken = filled.slice(0, MAX_LINES - this.shown);
    this.shown += taken.length;
    this.left += filled.length - taken.length;
    return taken;
  }
}
