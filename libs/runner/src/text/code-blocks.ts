/** A line that opens a Markdown code block, alone or after text: "```python", "Solution: ~~~". */
const OPENING = /(`{3,}|~{3,})[ \t]*([\w+#.-]*)[ \t]*$/;
/** A line that opens or closes a block inside a block. */
const FENCE = /^[ \t]*(`{3,}|~{3,})[ \t]*([\w+#.-]*)[ \t]*$/;

/** Longer lines are not looked at: patterns take quadratic time on hostile ones. */
const MAX_FENCE_LINE = 300;

interface OpenBlock {
  readonly fence: string;
  readonly lines: string[];
}

/**
 * The contents of the Markdown code blocks of a text in order, without common
 * indentation. A block without an end runs to the next opening or the text's end.
 */
export function codeBlocks(text: string): string[] {
  const blocks: string[] = [];
  let open: OpenBlock | undefined;
  const close = (): void => {
    const content = dedent(open?.lines ?? []);
    if (content.trim() !== '') blocks.push(content);
    open = undefined;
  };
  for (const line of text.split(/\r\n|\r|\n/)) {
    const pattern = open === undefined ? OPENING : FENCE;
    const [, fence = '', language = ''] = (line.length <= MAX_FENCE_LINE ? pattern.exec(line) : null) ?? [];
    if (open === undefined) {
      if (fence !== '') open = { fence, lines: [] };
    } else if (!fence.startsWith(open.fence)) {
      open.lines.push(line);
    } else {
      close();
      // A block that was never closed ends where the next one names its language.
      if (language !== '') open = { fence, lines: [] };
    }
  }
  close();
  return blocks;
}

/** Takes off the white space that all lines begin with. */
function dedent(lines: readonly string[]): string {
  const margins = lines.filter((line) => line.trim() !== '').map((line) => /^[ \t]*/.exec(line)?.[0] ?? '');
  let margin = margins[0] ?? '';
  for (const other of margins) while (!other.startsWith(margin)) margin = margin.slice(0, -1);
  return lines
    .map((line) => (line.startsWith(margin) ? line.slice(margin.length) : line.trimStart()))
    .join('\n');
}
