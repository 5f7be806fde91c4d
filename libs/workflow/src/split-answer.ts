/** A part of a text, by offsets in UTF-16 units, end exclusive. */
export interface TextSlice {
  readonly start: number;
  readonly end: number;
}

/** The parts of a model's answer. */
export interface AnswerParts {
  /** What stood before the last `</think>`, without its tags. */
  readonly reasoning: string;
  /** Content of the <modification> tags, trimmed. */
  readonly modification: string;
  /** Where the program is to be looked for: content of <graph>, of a code fence, or everything. */
  readonly graph: TextSlice;
  /** Content of the <prompt> tags; undefined without them. */
  readonly prompt: TextSlice | undefined;
  /** Whether <graph> tags were there. */
  readonly tagged: boolean;
}

const THINK_END = '</think>';
const CLASS_LINE = /^[ \t]*class[ \t]+\w/m;
const CLASS_STATEMENT = /^[ \t]*class[ \t]+\w+[ \t]*(?:\([^()\n]*\))?[ \t]*:/m;

/**
 * Splits a model's answer into reasoning, modification, program and prompts.
 * Tags, CDATA and code fences may each be there or not, in any mix; a tag that
 * is never closed runs to the next known tag or the end.
 */
export function splitAnswer(text: string): AnswerParts {
  const think = text.lastIndexOf(THINK_END);
  const bodyStart = think < 0 ? 0 : think + THINK_END.length;
  const reasoning =
    think < 0
      ? ''
      : text
          .slice(0, think)
          .replace(/^\s*<think>/, '')
          .trim();
  const modification = tagContent(text, 'modification', bodyStart);
  const prompt = tagContent(text, 'prompt', bodyStart);
  const graph = graphContent(text, bodyStart);
  return {
    reasoning,
    modification: modification ? text.slice(modification.start, modification.end).trim() : '',
    graph: graph ?? bareProgram(text, bodyStart),
    prompt: prompt && unwrap(text, prompt),
    tagged: graph !== undefined,
  };
}

/** Tags of one name that are looked at: keeps hostile text linear. */
const MAX_TAGS = 16;
const TAGS = ['modification', 'graph', 'prompt'] as const;
type Tag = (typeof TAGS)[number];

/** Content of the first tag of a name, or, where several are there, of the first that `wanted` accepts. */
function tagContent(
  text: string,
  tag: Tag,
  from: number,
  wanted: (content: string) => boolean = () => true,
): TextSlice | undefined {
  const open = new RegExp(`<${tag}(?:\\s[^<>\\n]*)?>`, 'gi');
  open.lastIndex = from;
  let first: TextSlice | undefined;
  let tried = 0;
  for (let match = open.exec(text); match && tried < MAX_TAGS; match = open.exec(text)) {
    tried++;
    const start = open.lastIndex;
    const slice = { start, end: tagEnd(text, tag, start) };
    if (wanted(text.slice(slice.start, slice.end))) return slice;
    first ??= slice;
  }
  return first;
}

function tagEnd(text: string, tag: Tag, start: number): number {
  const close = new RegExp(`</${tag}\\s*>`, 'gi');
  close.lastIndex = start;
  const closing = close.exec(text);
  if (closing) return closing.index;
  let end = text.length;
  for (const other of TAGS) {
    if (other === tag) continue;
    const next = new RegExp(`</?${other}(?:\\s[^<>\\n]*)?>`, 'gi');
    next.lastIndex = start;
    const match = next.exec(text);
    if (match && match.index < end) end = match.index;
  }
  return end;
}

function graphContent(text: string, from: number): TextSlice | undefined {
  const slice = tagContent(text, 'graph', from, (content) => CLASS_LINE.test(content));
  return slice && unwrap(text, slice);
}

/** A program without tags: the first fence that holds a class, else everything that is no prompt section. */
function bareProgram(text: string, from: number): TextSlice {
  const fenced = fences(text, { start: from, end: text.length }).find((fence) =>
    CLASS_LINE.test(text.slice(fence.start, fence.end)),
  );
  if (fenced) return fenced;
  const prompt = /<prompt(?:\s[^<>\n]*)?>/gi;
  prompt.lastIndex = from;
  const match = prompt.exec(text);
  const classAt = text.slice(from).search(CLASS_STATEMENT);
  const cutsPrompt = match && classAt >= 0 && from + classAt < match.index;
  return { start: from, end: cutsPrompt ? match.index : text.length };
}

/** Takes CDATA marks and code fences off a slice. */
function unwrap(text: string, slice: TextSlice): TextSlice {
  let { start, end } = slice;
  const content = text.slice(start, end);
  const open = content.indexOf('<![CDATA[');
  if (open >= 0 && content.slice(0, open).trim() === '') {
    start += open + '<![CDATA['.length;
    const close = text.lastIndexOf(']]>', end);
    if (close >= start) end = close;
  }
  const inside = fences(text, { start, end });
  return (
    inside.find((fence) => CLASS_LINE.test(text.slice(fence.start, fence.end))) ?? inside[0] ?? { start, end }
  );
}

/** Contents of the code fences that begin in a slice; one that is never closed runs to the slice's end. */
function fences(text: string, slice: TextSlice): TextSlice[] {
  const found: TextSlice[] = [];
  const fence = /(?:^|(?<=[>[]))[ \t]*(`{3,}|~{3,})[^\n`]*$/gm;
  fence.lastIndex = slice.start;
  for (let open = fence.exec(text); open && open.index < slice.end; open = fence.exec(text)) {
    const mark = open[1] ?? '```';
    const start = Math.min(fence.lastIndex + 1, slice.end);
    const closing = new RegExp(`^[ \\t]*${mark[0] === '~' ? '~' : '`'}{${mark.length},}[ \\t]*\\r?$`, 'gm');
    closing.lastIndex = start;
    const close = closing.exec(text);
    const end = close && close.index < slice.end ? close.index : slice.end;
    found.push({ start, end });
    if (!close || close.index >= slice.end) break;
    fence.lastIndex = closing.lastIndex;
  }
  return found;
}
