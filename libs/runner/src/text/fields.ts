/** Characters of attributes that a tag may have. */
const MAX_ATTRIBUTES = 200;

const CDATA = '<![CDATA[';
const CDATA_END = ']]>';

interface Tag {
  readonly name: string;
  readonly isClosing: boolean;
  readonly start: number;
  readonly end: number;
}

/**
 * The contents of XML-like fields in a model's answer. It takes what models make
 * of XML: tags in any case, with attributes, never closed, nested in themselves,
 * mentioned in the text, contents escaped or not, with code full of "<" inside,
 * CDATA sections, code fences and text around.
 *
 * @returns the last closed occurrence of each field that is there, otherwise the
 *   last opened one up to the next field, without white space around
 */
export function extractFields(answer: string, names: readonly string[]): ReadonlyMap<string, string> {
  const tags = findTags(answer, names);
  const fields = new Map<string, string>();
  for (const name of names) {
    const content = closedContent(answer, tags, name) ?? openContent(answer, tags, name);
    if (content !== undefined) fields.set(name, clean(content));
  }
  return fields;
}

function findTags(answer: string, names: readonly string[]): Tag[] {
  const visible = withoutCdata(answer);
  const tags: Tag[] = [];
  for (const name of names) {
    const spelt = name.split('_').join('[_ -]?');
    const pattern = new RegExp(`<(/?)${spelt}(?=[\\s>])`, 'gi');
    for (let match = pattern.exec(visible); match !== null; match = pattern.exec(visible)) {
      const end = tagEnd(visible, pattern.lastIndex);
      if (end === undefined) continue;
      tags.push({ name, isClosing: match[1] === '/', start: match.index, end });
      // What stands in its attributes is no tag.
      pattern.lastIndex = end;
    }
  }
  return tags.sort((a, b) => a.start - b.start);
}

/**
 * Where a tag ends whose name ends at `from`; undefined where it is none. A ">"
 * in a quoted value belongs to the value; a quote that none follows is a character.
 */
function tagEnd(text: string, from: number): number | undefined {
  const rest = text.slice(from, from + MAX_ATTRIBUTES + 1);
  for (let i = 0; i < rest.length; i += 1) {
    const character = rest.charAt(i);
    if (character === '>') return from + i + 1;
    if (character === '<') return undefined;
    const opensValue = (character === '"' || character === "'") && rest.charAt(i - 1) === '=';
    const closing = opensValue ? rest.indexOf(character, i + 1) : -1;
    if (closing >= 0) i = closing;
  }
  return undefined;
}

/** Tags inside CDATA are text; blanks in their stead keep the offsets. */
function withoutCdata(text: string): string {
  let result = '';
  let at = 0;
  for (;;) {
    const start = text.indexOf(CDATA, at);
    const end = start < 0 ? -1 : text.indexOf(CDATA_END, start);
    if (end < 0) return result + text.slice(at);
    result += text.slice(at, start) + ' '.repeat(end + CDATA_END.length - start);
    at = end + CDATA_END.length;
  }
}

/** What stands between the last pair of tags that is not inside another pair. */
function closedContent(answer: string, tags: readonly Tag[], name: string): string | undefined {
  const open: Tag[] = [];
  // In the order of the text, none inside another.
  const pairs: { readonly begin: Tag; readonly end: Tag }[] = [];
  for (const tag of tags.filter((other) => other.name === name)) {
    if (!tag.isClosing) {
      open.push(tag);
      continue;
    }
    const begin = open.pop();
    if (begin === undefined) continue;
    while ((pairs.at(-1)?.begin.start ?? -1) > begin.start) pairs.pop();
    pairs.push({ begin, end: tag });
  }
  const pair = pairs.at(-1);
  if (pair === undefined) return undefined;
  const content = answer.slice(pair.begin.end, pair.end.start);
  // <answer><answer>4</answer></answer> means 4.
  const inner = closedContentOf(content, name);
  return inner ?? content;
}

/** The content of a field that is all of a text. */
function closedContentOf(text: string, name: string): string | undefined {
  const tags = findTags(text, [name]);
  const [first] = tags;
  const last = tags.at(-1);
  if (first === undefined || last === undefined || first.isClosing || !last.isClosing) return undefined;
  const isWhole = text.slice(0, first.start).trim() === '' && text.slice(last.end).trim() === '';
  return isWhole && tags.length === 2 ? text.slice(first.end, last.start) : undefined;
}

/** What follows the last opening tag, up to the next tag of any field. */
function openContent(answer: string, tags: readonly Tag[], name: string): string | undefined {
  const index = tags.findLastIndex((tag) => tag.name === name && !tag.isClosing);
  const tag = tags[index];
  return tag === undefined ? undefined : answer.slice(tag.end, tags[index + 1]?.start);
}

function clean(content: string): string {
  const text = unfence(content.trim());
  if (text.includes(CDATA)) return unfence(text.replaceAll(CDATA, '').replaceAll(CDATA_END, '').trim());
  return isEscaped(text) ? unescape(text) : text;
}

/** Takes off a code fence around a whole content, and one that opened before it and ends with it. */
function unfence(text: string): string {
  const lines = text.split('\n');
  const fences = lines.flatMap((line, i) => (line.trimStart().startsWith('```') ? [i] : []));
  const endsFenced = fences.at(-1) === lines.length - 1;
  if (endsFenced && fences.length === 2 && fences[0] === 0) return lines.slice(1, -1).join('\n');
  if (endsFenced && fences.length % 2 === 1) return lines.slice(0, -1).join('\n').trim();
  return text;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const ENTITY = /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi;

/** Whether a text was written as XML: nothing in it needs escaping any more. Code that handles entities is not. */
function isEscaped(text: string): boolean {
  return !text.includes('<') && text.includes('&') && !text.replace(ENTITY, '').includes('&');
}

function unescape(text: string): string {
  return text.replace(ENTITY, (whole, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? parseInt(hex ?? '', 16) : parseInt(decimal, 10);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
