const fence =
  /^[ \t]*(`{3,}|~{3,})[ \t]*([A-Za-z0-9+-]*)[^\n]*\n([\s\S]*?)(?:\n[ \t]*\1[ \t]*$|$(?![\s\S]))/gm;

/**
 * The program in an answer: the last fenced block marked as Python, else the
 * last fenced block, else the whole text.
 */
export function extractCode(answer: string): string {
  const blocks = [...answer.matchAll(fence)].map((match) => ({
    language: (match[2] ?? '').toLowerCase(),
    code: match[3] ?? '',
  }));
  const python = blocks.filter((block) => block.language === 'python' || block.language === 'py');
  return python.at(-1)?.code ?? blocks.at(-1)?.code ?? answer;
}
