/** Lines that open or close a Markdown code block. */
const FENCE = '```';

/** The contents of the Markdown code blocks of a text in order; a block without an end runs to the text's end. */
export function codeBlocks(text: string): string[] {
  const blocks: string[] = [];
  let open: string[] | undefined;
  for (const line of text.split('\n')) {
    const isFence = line.trimStart().startsWith(FENCE);
    if (open === undefined) {
      if (isFence) open = [];
    } else if (isFence) {
      blocks.push(open.join('\n'));
      open = undefined;
    } else {
      open.push(line);
    }
  }
  if (open !== undefined && open.some((line) => line.trim() !== '')) blocks.push(open.join('\n'));
  return blocks;
}
