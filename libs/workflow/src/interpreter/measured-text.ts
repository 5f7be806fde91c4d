import { MatcherInputBase } from 're2js';

/** Characters that the host searches through at once for the cost of one that a pattern looks at. */
const SEARCHED_PER_CHARACTER = 32;

/** A text for patterns that counts how much of it they look at. */
export class MeasuredText extends MatcherInputBase {
  private readonly characters: CountedString;

  constructor(readonly value: string) {
    super();
    this.characters = new CountedString(value);
  }

  /** What was looked at since this was last asked, in characters. */
  takeCount(): number {
    const { count } = this.characters;
    this.characters.count = 0;
    return Math.ceil(count);
  }

  override getEncoding(): ReturnType<MatcherInputBase['getEncoding']> {
    return (MatcherInputBase.Encoding as { readonly UTF_16: ReturnType<MatcherInputBase['getEncoding']> })
      .UTF_16;
  }

  override length(): number {
    return this.value.length;
  }

  override asCharSequence(): string {
    // Matchers only call methods of it.
    return this.characters as unknown as string;
  }

  override asBytes(): never {
    throw new Error('the text is UTF-16');
  }
}

class CountedString extends String {
  count = 0;

  constructor(private readonly value: string) {
    super(value);
  }

  override charCodeAt(index: number): number {
    this.count += 1;
    return this.value.charCodeAt(index);
  }

  override indexOf(part: string, from = 0): number {
    const found = this.value.indexOf(part, from);
    this.count += 1 + ((found < 0 ? this.length : found) - from) / SEARCHED_PER_CHARACTER;
    return found;
  }
}
