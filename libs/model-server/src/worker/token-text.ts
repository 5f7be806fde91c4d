/** Most tokens that one character can be spread over: four bytes, and one to be sure. */
const LONGEST_CHARACTER = 5;

/**
 * Turns tokens into text as they come, never splitting a character that is spread over
 * several tokens.
 */
export class TokenText {
  private pending: number[] = [];
  private readonly recent: number[] = [];

  /** @param detokenize text of the tokens, given those before them */
  constructor(
    private readonly detokenize: (tokens: readonly number[], before: readonly number[]) => string,
  ) {}

  /** Takes the next token and returns the text that is complete with it. */
  push(token: number): string {
    this.pending.push(token);
    const text = this.detokenize(this.pending, this.recent);
    if (text.endsWith('\uFFFD') && this.pending.length < LONGEST_CHARACTER) return '';
    return this.take(text);
  }

  /** The rest, when no further token comes. */
  flush(): string {
    return this.pending.length === 0 ? '' : this.take(this.detokenize(this.pending, this.recent));
  }

  private take(text: string): string {
    this.recent.push(...this.pending);
    this.recent.splice(0, Math.max(0, this.recent.length - LONGEST_CHARACTER));
    this.pending = [];
    return text;
  }
}
