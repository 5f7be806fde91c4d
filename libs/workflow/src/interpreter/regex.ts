import { RE2JS, type Matcher } from 're2js';
import { asNumber } from './compare.js';
import { raise } from './errors.js';
import type { Evaluation } from './evaluation.js';
import type { Machine } from './machine.js';
import { MeasuredText } from './measured-text.js';
import type { Meter } from './meter.js';
import { MatchValue, PatternValue, typeName, type Value } from './values.js';

/** Python's values of the flags that exist here. */
export const REGEX_FLAGS: ReadonlyMap<string, bigint> = new Map([
  ['re.I', 2n],
  ['re.IGNORECASE', 2n],
  ['re.M', 8n],
  ['re.MULTILINE', 8n],
  ['re.S', 16n],
  ['re.DOTALL', 16n],
]);

/** Greatest length of a pattern in UTF-16 units. */
const MAX_PATTERN = 2_000;
/** Greatest product of pattern and text: matching takes time in proportion to it. */
const MAX_PRODUCT = 64 << 20;

const compiled = new Map<string, RE2JS>();

/** Compiles a pattern. RE2 matches in linear time, and has no look-around or back-references. */
function compile({ source, flags }: PatternValue): RE2JS {
  const key = `${flags}/${source}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  if (source.length > MAX_PATTERN) throw raise('re.error', `pattern longer than ${MAX_PATTERN} characters`);
  let options = 0;
  if ((flags & 2) !== 0) options |= RE2JS.CASE_INSENSITIVE;
  if ((flags & 8) !== 0) options |= RE2JS.MULTILINE;
  if ((flags & 16) !== 0) options |= RE2JS.DOTALL;
  let result: RE2JS;
  try {
    result = RE2JS.compile(toRe2(source), options);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw raise('re.error', `${cause} (look-around and back-references are not available in a workflow)`);
  }
  if (compiled.size >= 500) compiled.clear();
  compiled.set(key, result);
  return result;
}

/** Python's `\Z` is RE2's `\z`. */
function toRe2(source: string): string {
  return source.replace(/\\[\s\S]/g, (escape) => (escape === '\\Z' ? '\\z' : escape));
}

/**
 * A pattern from a string or a compiled pattern.
 *
 * @throws Raised re.error or TypeError
 */
export function toPattern(value: Value | undefined, flags: Value | undefined): PatternValue {
  if (value instanceof PatternValue) return value;
  if (typeof value !== 'string') {
    throw raise(
      'TypeError',
      `first argument must be string or compiled pattern, not ${typeName(value ?? null)}`,
    );
  }
  const pattern = new PatternValue(value, flags === undefined ? 0 : Number(asNumber(flags) ?? 0));
  compile(pattern);
  return pattern;
}

/** A pattern at work on a text, with what it costs. */
class Search {
  private readonly text: MeasuredText;
  private readonly weight: number;
  private readonly matcher: Matcher;

  constructor(
    private readonly meter: Meter,
    private readonly pattern: PatternValue,
    text: string,
  ) {
    const program = compile(pattern);
    const size = Math.max(pattern.source.length, program.programSize());
    if (size * text.length > MAX_PRODUCT) throw raise('re.error', 'pattern and text are too long together');
    this.text = new MeasuredText(text);
    this.weight = Math.max(1, size >> 3);
    this.matcher = program.matcher(this.text);
  }

  /** The next match, or null. */
  find(anchor: Anchor): MatchValue | null {
    const { matcher } = this;
    const found =
      anchor === 'search' ? matcher.find() : anchor === 'match' ? matcher.lookingAt() : matcher.matches();
    const match = found ? toMatch(this.pattern, this.text.value, matcher) : null;
    this.meter.lookedAt(this.text.takeCount() * this.weight);
    return match;
  }
}

function toMatch(pattern: PatternValue, text: string, matcher: Matcher): MatchValue {
  const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, i) => ({
    start: matcher.start(i),
    end: matcher.end(i),
  }));
  return new MatchValue(pattern, text, groups, new Map(Object.entries(matcher.namedGroups)));
}

/** How a pattern must fit the text. */
export type Anchor = 'search' | 'match' | 'fullmatch';

/** The first match, or null. */
export function findFirst(
  meter: Meter,
  pattern: PatternValue,
  text: string,
  anchor: Anchor,
): MatchValue | null {
  return new Search(meter, pattern, text).find(anchor);
}

/**
 * All matches from left to right, empty ones included. Each is found in time in
 * proportion to what is left of the text, so all of them may take its square:
 * what they look at counts as steps, and others have the processor in between.
 */
export function* findAll(
  machine: Machine,
  pattern: PatternValue,
  text: string,
  most = Infinity,
): Evaluation<MatchValue[]> {
  const { meter } = machine;
  const search = new Search(meter, pattern, text);
  const matches: MatchValue[] = [];
  while (matches.length < most) {
    const match = search.find('search');
    if (match === null) break;
    matches.push(match);
    meter.collection(matches.length, 4);
    yield* machine.breathe();
  }
  return matches;
}

/**
 * The text of a group by number or name; null when it took no part.
 *
 * @throws Raised IndexError when there is no such group
 */
export function matchGroup(match: MatchValue, group: Value): string | null {
  const span = groupSpan(match, group);
  return span.start < 0 ? null : match.text.slice(span.start, span.end);
}

/** Start and end of a group in UTF-16 units. */
export function groupSpan(match: MatchValue, group: Value): { readonly start: number; readonly end: number } {
  const number = typeof group === 'string' ? match.names.get(group) : asNumber(group);
  const span = number === undefined ? undefined : match.groups[Number(number)];
  if (span === undefined) throw raise('IndexError', 'no such group');
  return span;
}

/**
 * Puts the groups of a match into a replacement template.
 *
 * @throws Raised re.error or IndexError for a reference to no group
 */
export function expandTemplate(meter: Meter, template: string, match: MatchValue): string {
  let length = 0;
  const group = (name: Value): string => {
    const found = matchGroup(match, name) ?? '';
    length += found.length;
    if (length > meter.limits.stringLength) meter.string(length);
    return found;
  };
  return template.replace(
    /\\(?:g<([^>]*)>|([1-9]\d?)|([\s\S]))/g,
    (whole, name?: string, digits?: string, other?: string) => {
      if (name !== undefined) return group(/^\d+$/.test(name) ? BigInt(name) : name);
      if (digits !== undefined) {
        if (Number(digits) >= match.groups.length)
          throw raise('re.error', `invalid group reference ${digits}`);
        return group(BigInt(digits));
      }
      const known = TEMPLATE_ESCAPES.get(other ?? '');
      if (known !== undefined) return known;
      if (/[a-zA-Z]/.test(other ?? '')) throw raise('re.error', `bad escape ${whole}`);
      return whole;
    },
  );
}

const TEMPLATE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['\\', '\\'],
]);
