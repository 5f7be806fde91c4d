/** What was worked out of recent texts, to spare working it out again; the oldest use goes first. */
export class Recent<Value> {
  private readonly values = new Map<string, Value>();
  private length = 0;

  /** @param maxLength length of all kept texts together, in UTF-16 units */
  constructor(private readonly maxLength: number) {}

  /** The value of a text: the kept one, or what `make` gives. What it throws is not kept. */
  get(text: string, make: () => Value): Value {
    const kept = this.values.get(text);
    if (kept !== undefined) {
      // A map's first entry is the one that was put in first.
      this.values.delete(text);
      this.values.set(text, kept);
      return kept;
    }
    const value = make();
    if (text.length > this.maxLength / 16) return value;
    this.values.set(text, value);
    this.length += text.length;
    for (const oldest of this.values.keys()) {
      if (this.length <= this.maxLength) break;
      this.values.delete(oldest);
      this.length -= oldest.length;
    }
    return value;
  }
}
