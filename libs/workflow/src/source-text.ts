import type { SourceRange } from './ir.js';

/** Source text with its line starts: converts offsets to ranges. */
export class SourceText {
  private readonly lineStarts: number[] = [0];

  constructor(readonly text: string) {
    for (let i = 0; i < text.length; i++) {
      const char = text.charCodeAt(i);
      if (char === 10 || (char === 13 && text.charCodeAt(i + 1) !== 10)) this.lineStarts.push(i + 1);
    }
  }

  /** The range between two offsets in UTF-16 units. */
  range(start: number, end: number): SourceRange {
    const from = this.position(start);
    const to = end === start ? from : this.position(end);
    return { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
  }

  /** Offset of the start of a line (from 1). */
  lineStart(line: number): number {
    return this.lineStarts[line - 1] ?? this.text.length;
  }

  private position(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    let column = 1;
    for (let i = this.lineStarts[low] ?? 0; i < offset; i++) {
      const char = this.text.charCodeAt(i);
      // The second half of a surrogate pair belongs to the code point before it.
      if (char < 0xdc00 || char > 0xdfff) column++;
    }
    return { line: low + 1, column };
  }
}
