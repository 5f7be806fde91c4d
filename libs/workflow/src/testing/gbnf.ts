/** A parsed part of a grammar. */
type Part =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'class';
      readonly ranges: readonly (readonly [number, number])[];
      readonly least: number;
      readonly most: number;
    }
  | { readonly kind: 'rule'; readonly name: string };

/** A grammar as rules of alternatives. */
export type Gbnf = ReadonlyMap<string, readonly (readonly Part[])[]>;

const TOKEN =
  /\s*(?:"((?:[^"\\]|\\.)*)"|\[((?:[^\]\\]|\\.)*)\](?:\{(\d+),(\d+)\})?|([A-Za-z][A-Za-z0-9-]*)|(\|))/y;

/**
 * Reads the subset of GBNF that the workflow grammar keeps to, one rule a line.
 *
 * @throws SyntaxError for anything outside the subset, and for a rule that is not defined
 */
export function parseGbnf(text: string): Gbnf {
  const rules = new Map<string, Part[][]>();
  for (const line of text.trimEnd().split('\n')) {
    const [, name, body] = /^([A-Za-z][A-Za-z0-9-]*) ::= (.+)$/.exec(line) ?? [];
    if (name === undefined || body === undefined || rules.has(name))
      throw new SyntaxError(`no rule: ${line}`);
    rules.set(name, parseBody(body));
  }
  for (const part of [...rules.values()].flat(2)) {
    if (part.kind === 'rule' && !rules.has(part.name))
      throw new SyntaxError(`rule ${part.name} is not defined`);
  }
  return rules;
}

function parseBody(body: string): Part[][] {
  const alternatives: Part[][] = [[]];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < body.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(body);
    if (!match) throw new SyntaxError(`cannot read: ${body.slice(at)}`);
    const [, literal, ranges, least, most, rule, bar] = match;
    const current = alternatives.at(-1) ?? [];
    if (bar !== undefined) alternatives.push([]);
    else if (literal !== undefined) current.push({ kind: 'literal', text: unescape(literal) });
    else if (rule !== undefined) current.push({ kind: 'rule', name: rule });
    else if (ranges !== undefined) {
      current.push({
        kind: 'class',
        ranges: parseRanges(ranges),
        least: Number(least ?? 1),
        most: Number(most ?? 1),
      });
    }
  }
  return alternatives;
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
}

function parseRanges(text: string): [number, number][] {
  const ranges: [number, number][] = [];
  for (let i = 0; i < text.length; i++) {
    const from = text.charCodeAt(i);
    const isRange = text[i + 1] === '-' && i + 2 < text.length;
    ranges.push([from, isRange ? text.charCodeAt(i + 2) : from]);
    if (isRange) i += 2;
  }
  return ranges;
}

/** Draws a text from a rule of a grammar; `random` gives numbers in [0, 1). */
export function sampleGbnf(grammar: Gbnf, rule: string, random: () => number): string {
  const pick = (count: number): number => Math.floor(random() * count);
  const alternatives = grammar.get(rule) ?? [];
  const parts = alternatives[pick(alternatives.length)] ?? [];
  return parts
    .map((part) => {
      if (part.kind === 'literal') return part.text;
      if (part.kind === 'rule') return sampleGbnf(grammar, part.name, random);
      const length = part.least + pick(part.most - part.least + 1);
      return Array.from({ length }, () => {
        const [from, to] = part.ranges[pick(part.ranges.length)] ?? [32, 32];
        return String.fromCharCode(from + pick(to - from + 1));
      }).join('');
    })
    .join('');
}

/** Whether a rule of a grammar gives exactly a text. */
export function acceptsGbnf(grammar: Gbnf, rule: string, text: string): boolean {
  const memo = new Map<string, Set<number>>();
  const ends = (name: string, at: number): Set<number> => {
    const key = `${name}@${at}`;
    const known = memo.get(key);
    if (known) return known;
    const result = new Set<number>();
    memo.set(key, result);
    for (const parts of grammar.get(name) ?? []) {
      let places = new Set([at]);
      for (const part of parts) places = new Set([...places].flatMap((place) => [...after(part, place)]));
      for (const place of places) result.add(place);
    }
    return result;
  };
  const after = (part: Part, at: number): Set<number> => {
    if (part.kind === 'rule') return ends(part.name, at);
    if (part.kind === 'literal')
      return new Set(text.startsWith(part.text, at) ? [at + part.text.length] : []);
    const found = new Set<number>();
    for (let count = 0; count <= part.most; count++) {
      if (count >= part.least) found.add(at + count);
      const code = text.charCodeAt(at + count);
      if (!part.ranges.some(([from, to]) => code >= from && code <= to)) break;
    }
    return found;
  };
  return ends(rule, 0).has(text.length);
}
