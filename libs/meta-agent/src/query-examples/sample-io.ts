import type { StdioCase } from '@flowreasoner/contracts/sandbox';
import { literalEnd } from './python-literal.js';
import type { Asserts } from './doctests.js';

interface Sample {
  readonly input: string;
  readonly output: string;
}

const heading =
  /^[ \t]*(?:#{1,6}[ \t]*|\*\*|-[ \t]+)?(?:sample[ \t]+|example[ \t]+)?(input|output)(?:[ \t]*#?\d+)?(?:\*\*)?[ \t]*(:?)(?:\*\*)?[ \t]*(.*)$/i;
const otherHeading =
  /^[ \t]*(?:#{1,6}[ \t]+\S.*|(?:\*\*)?(?:sample|example|explanation|note|constraints?)\b[^\n]{0,40}:?(?:\*\*)?[ \t]*)$/i;

/** Cases for a program that reads and prints, from sample inputs and outputs in a query. */
export function stdioCases(query: string): StdioCase[] {
  return samplesOf(query)
    .filter((sample) => sample.output !== '')
    .map(({ input, output }) => ({ stdin: `${input}\n`, stdout: `${output}\n` }));
}

/**
 * Asserts for a function, from samples such as `Input: nums = [2, 7], target = 9`
 * and `Output: [0, 1]`.
 */
export function assertsOfSamples(query: string, entryPoint: string): Asserts {
  return samplesOf(query).flatMap(({ input, output }) => {
    const values = argumentsOf(input);
    const end = literalEnd(output, 0);
    if (values === undefined || end === undefined || output.slice(end).trim() !== '') return [];
    return [`assert ${entryPoint}(${values.join(', ')}) == ${output}`];
  });
}

/** Argument values in `a = 1, b = [2]` or `1, [2]`. */
function argumentsOf(input: string): string[] | undefined {
  const values: string[] = [];
  for (let at = 0; at < input.length;) {
    const name = /^\s*(?:[A-Za-z_]\w*\s*=\s*)?/.exec(input.slice(at))?.[0] ?? '';
    const start = at + name.length;
    const end = literalEnd(input, start);
    if (end === undefined) return undefined;
    values.push(input.slice(start, end).trim());
    const separator = /^\s*(?:,|\n|$)/.exec(input.slice(end));
    if (separator === null) return undefined;
    at = end + Math.max(1, separator[0].length);
  }
  return values;
}

/** Inputs and outputs that stand under headings of their own, or behind them. */
function samplesOf(query: string): Sample[] {
  const lines = query.split('\n');
  const samples: Sample[] = [];
  let input: string | undefined;
  for (let at = 0; at < lines.length; at++) {
    const match = heading.exec(lines[at] ?? '');
    const kind = match?.[1]?.toLowerCase();
    if (match === null || kind === undefined) continue;
    const inline = (match[3] ?? '').trim();
    // "Input format" and "Input consists of" are prose, not samples.
    if (inline !== '' && match[2] !== ':') continue;
    const block = inline === '' ? blockAfter(lines, at + 1) : { text: unquote(inline), next: at + 1 };
    at = block.next - 1;
    if (kind === 'input') input = block.text;
    else if (input !== undefined) {
      samples.push({ input, output: block.text });
      input = undefined;
    }
  }
  return samples;
}

function unquote(text: string): string {
  return /^`[^`]+`$/.test(text) ? text.slice(1, -1) : text;
}

/** The lines of a sample: a fenced block, or all up to an empty line or the next heading. */
function blockAfter(lines: readonly string[], start: number): { text: string; next: number } {
  let at = start;
  while (at < lines.length && (lines[at] ?? '').trim() === '') at++;
  const fence = /^\s*(`{3,})/.exec(lines[at] ?? '')?.[1];
  const first = fence === undefined ? at : at + 1;
  const isEnd = (line: string): boolean =>
    fence === undefined
      ? line.trim() === '' || heading.test(line) || otherHeading.test(line)
      : line.trim() === fence;
  let end = first;
  while (end < lines.length && !isEnd(lines[end] ?? '')) end++;
  const text = lines.slice(first, end).map((line) => line.trimEnd());
  return { text: text.join('\n'), next: fence === undefined ? end : end + 1 };
}
