import { parser } from '@lezer/python';
import { DiagnosticList } from '../diagnostics.js';
import type { Expression, Prompt } from '../ir.js';
import { buildExpressionList } from '../parse/build-expression.js';
import type { BuildContext } from '../parse/cst.js';
import { SyntaxFailure, childrenOf, nodeRange, normaliseLineBreaks } from '../parse/cst.js';
import type { TextSlice } from '../split-answer.js';
import { SourceText } from '../source-text.js';

/** The prompts that a program may use. */
export interface PromptSet {
  /** By name. */
  readonly byName: ReadonlyMap<string, Prompt>;
  /** Whether a section or file was given, so that other names are errors. */
  readonly given: boolean;
  /** Whether other names are errors even where none was given. */
  readonly final: boolean;
}

/** Greatest size of a prompt file or section, in UTF-16 units. */
export const MAX_PROMPTS_LENGTH = 128 * 1024;

/**
 * Reads the prompts of a `<prompt>` section (a slice of the source) and of a
 * prompt file; the section wins where both have a name. Anything that is no
 * `NAME = "text"` is passed over: models write prose there.
 */
export function readPrompts(
  source: SourceText,
  section: TextSlice | undefined,
  { prompts: file = '', promptsFinal: final = false }: { prompts?: string; promptsFinal?: boolean },
): PromptSet {
  const byName = new Map<string, Prompt>();
  const fileGiven = file.trim() !== '';
  if (fileGiven) {
    const text = new SourceText(file.slice(0, MAX_PROMPTS_LENGTH));
    for (const prompt of parsePrompts(text, { start: 0, end: text.text.length })) {
      byName.set(prompt.name, { ...prompt, range: undefined });
    }
  }
  const sectionGiven = section !== undefined && source.text.slice(section.start, section.end).trim() !== '';
  if (sectionGiven) for (const prompt of parsePrompts(source, section)) byName.set(prompt.name, prompt);
  return { byName, given: fileGiven || sectionGiven, final };
}

function parsePrompts(source: SourceText, slice: TextSlice): Prompt[] {
  const text = normaliseLineBreaks(source.text.slice(slice.start, slice.end));
  const offset = text.search(/\S/);
  if (offset < 0 || !text.includes('=')) return [];
  // Sections are often indented as a whole.
  const indented = /[ \t]/.test(text[offset - 1] ?? '');
  const wrapper = indented ? 'if 1:\n' : '';
  const context: BuildContext = {
    source,
    text: wrapper + text,
    base: slice.start - wrapper.length,
    // Findings in prose would only confuse.
    diagnostics: new DiagnosticList(),
    imports: new Map(),
    lostNames: new Set(),
  };
  return collect(context);
}

function collect(context: BuildContext): Prompt[] {
  const prompts: Prompt[] = [];
  let tree;
  try {
    tree = parser.parse(context.text);
  } catch {
    return prompts;
  }
  tree.iterate({
    enter(node) {
      if (node.name !== 'AssignStatement') return true;
      try {
        const [target, operator, ...value] = childrenOf(node.node);
        if (target?.name !== 'VariableName' || operator?.name !== 'AssignOp') return false;
        const text = constantText(buildExpressionList(context, value, node.node));
        const name = context.text.slice(target.from, target.to);
        if (text !== undefined) prompts.push({ range: nodeRange(context, node.node), name, text });
      } catch (error) {
        if (!(error instanceof SyntaxFailure) && !(error instanceof RangeError)) throw error;
      }
      return false;
    },
  });
  return prompts;
}

/** The text of a string that needs no values; undefined when there are any. */
function constantText(value: Expression): string | undefined {
  if (value.kind === 'string') return value.value;
  if (value.kind === 'binary' && value.operator === '+') {
    const left = constantText(value.left);
    const right = constantText(value.right);
    return left === undefined || right === undefined ? undefined : left + right;
  }
  if (value.kind === 'call' && value.arguments.length === 0 && value.function.kind === 'attribute') {
    const text = constantText(value.function.object);
    return value.function.name === 'strip' ? text?.trim() : undefined;
  }
  if (value.kind !== 'formatted') return undefined;
  // An f-string in a prompt section can only mean its placeholders.
  const parts = value.parts.map((part) => {
    if (!part.value) return part.text;
    return part.value.kind === 'name' ? `{${part.value.name}}` : undefined;
  });
  return parts.includes(undefined) ? undefined : parts.join('');
}

const PLACEHOLDER = /\{([A-Za-z_]\w*)\}/g;

/** Names of the `{name}` placeholders in a prompt; doubled braces are text. */
export function placeholders(text: string): string[] {
  const names = new Set<string>();
  for (const match of text.replace(/\{\{|\}\}/g, '').matchAll(PLACEHOLDER)) if (match[1]) names.add(match[1]);
  return [...names];
}
