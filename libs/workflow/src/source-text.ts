import type { SourceRange } from './ir.js';

/** Source text with its line starts: converts offsets to ranges. */
export class SourceText {
  private readonly lineStarts: number[] = [0];
  /** Offsets of second halves of surrogate pairs, which are no columns of their own. */
  private readonly halves: number[] = [];

  constructor(readonly text: string) {
    for (let i = 0; i < text.length; i++) {
      const char = text.charCodeAt(i);
      if (char >= 0xdc00 && char <= 0xdfff) this.halves.push(i);
      if (char === 10 || (char === 13 && text.charCodeAt(i + 1) !== 10)) this.lineStarts.push(i + 1);
    }
  }

  /** The range between two offsets in UTF-16 units. */
  range(start: number, end: number): SourceRange {
    const startLine = lastAtMost(this.lineStarts, start);
    const endLine = end === start ? startLine : lastAtMost(this.lineStarts, end);
    return {
      startLine: startLine + 1,
      startColumn: this.column(startLine, start),
      endLine: endLine + 1,
      endColumn: this.column(endLine, end),
    };
  }

  /** Offset of the start of a line (from 1). */
  lineStart(line: number): number {
    return this.lineStarts[line - 1] ?? this.text.length;
  }

  /** Column (from 1) of an offset in a line (from 0). */
  private column(line: number, offset: number): number {
    const start = this.lineStarts[line] ?? 0;
    // Positions are asked for at every node, so a long line must not be walked each time.
    const halves = lastAtMost(this.halves, offset - 1) - lastAtMost(this.halves, start - 1);
    return offset - start + 1 - halves;
  }
}

/** Index of the last of ascending numbers that is at most a limit; -1 when there is none. */
function lastAtMost(numbers: readonly number[], limit: number): number {
  let low = -1;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((numbers[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
