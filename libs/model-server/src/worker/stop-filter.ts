/** What {@link StopFilter.push} lets through. */
export interface FilteredText {
  /** Text that can't be part of a stop string any more. */
  readonly text: string;
  /** A stop string was found; nothing may follow. */
  readonly stopped: boolean;
}

/**
 * Cuts a stream of text before the first stop string to be complete, and holds back what may yet
 * become one.
 */
export class StopFilter {
  private held = '';

  /** @param stops the stop strings, none of them empty */
  constructor(private readonly stops: readonly string[]) {}

  /** Takes the next piece of text. */
  push(piece: string): FilteredText {
    this.held += piece;
    const start = this.startOfFirstStop();
    if (start !== undefined) {
      const text = this.held.slice(0, start);
      this.held = '';
      return { text, stopped: true };
    }
    const safe = this.held.length - this.longestOpenStop();
    const text = this.held.slice(0, safe);
    this.held = this.held.slice(safe);
    return { text, stopped: false };
  }

  /** What is still held back when the stream has ended. */
  flush(): string {
    const text = this.held;
    this.held = '';
    return text;
  }

  /**
   * Where the stop string begins that is complete first; of several that end at
   * one place, the longest. So the cut does not depend on how the text arrives.
   */
  private startOfFirstStop(): number | undefined {
    let first: { readonly start: number; readonly end: number } | undefined;
    for (const stop of this.stops) {
      const start = this.held.indexOf(stop);
      if (start < 0) continue;
      const end = start + stop.length;
      if (first === undefined || end < first.end || (end === first.end && start < first.start))
        first = { start, end };
    }
    return first?.start;
  }

  /** Length of the longest end of the held text that begins a stop string. */
  private longestOpenStop(): number {
    let longest = 0;
    for (const stop of this.stops) {
      for (let length = Math.min(stop.length - 1, this.held.length); length > longest; length--) {
        if (this.held.endsWith(stop.slice(0, length))) longest = length;
      }
    }
    return longest;
  }
}
