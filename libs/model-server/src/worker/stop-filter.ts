/** What {@link StopFilter.push} lets through. */
export interface FilteredText {
  /** Text that can't be part of a stop string any more. */
  readonly text: string;
  /** A stop string was found; nothing may follow. */
  readonly stopped: boolean;
}

/**
 * Cuts a stream of text before the first stop string, and holds back what may yet
 * become one.
 */
export class StopFilter {
  private held = '';

  /** @param stops the stop strings, none of them empty */
  constructor(private readonly stops: readonly string[]) {}

  /** Takes the next piece of text. */
  push(piece: string): FilteredText {
    this.held += piece;
    const found = this.stops.map((stop) => this.held.indexOf(stop)).filter((index) => index >= 0);
    if (found.length > 0) {
      const text = this.held.slice(0, Math.min(...found));
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
