import { describe, expect, it } from 'vitest';
import { splitAnswer } from './split-answer.js';

const PROGRAM = 'class Workflow:\n    pass\n';

function graphOf(text: string): string {
  const { graph } = splitAnswer(text);
  return text.slice(graph.start, graph.end).trim();
}

describe('splitAnswer', () => {
  it.each([
    ['tags', `<graph>\n${PROGRAM}</graph>`],
    ['tags of another case with attributes', `<Graph lang="python">\n${PROGRAM}</GRAPH>`],
    ['a fence', `Here:\n\`\`\`python\n${PROGRAM}\`\`\`\nDone.`],
    ['a fence inside tags', `<graph>\n\`\`\`python\n${PROGRAM}\`\`\`\n</graph>`],
    ['a fence on the line of the tag', `<graph>\`\`\`python\n${PROGRAM}\`\`\`\n</graph>`],
    ['CDATA', `<graph><![CDATA[\n${PROGRAM}]]></graph>`],
    ['a fence inside CDATA', `<graph><![CDATA[\n~~~\n${PROGRAM}~~~\n]]></graph>`],
    ['a tag that is never closed', `<graph>\n${PROGRAM}<prompt>A = "x"</prompt>`],
    ['a fence that is never closed', `\`\`\`python\n${PROGRAM}`],
    ['several fences', `\`\`\`\npip install x\n\`\`\`\n\`\`\`python\n${PROGRAM}\`\`\``],
    ['a mention of the tag before it', `I fill <graph> now.\n</graph>\n<graph>\n${PROGRAM}</graph>`],
    ['nothing around it', PROGRAM],
  ])('finds the program in %s', (_, text) => {
    expect(graphOf(text)).toBe(PROGRAM.trim());
  });

  it('takes what stands before the last </think> as reasoning', () => {
    const text = `<think>\nfirst <graph>class No: pass</graph>\n</think> more </think>\n<modification> M </modification>\n<graph>\n${PROGRAM}</graph>`;
    const parts = splitAnswer(text);
    expect(parts.reasoning).toContain('first');
    expect(parts.modification).toBe('M');
    expect(graphOf(text)).toBe(PROGRAM.trim());
    expect(parts.tagged).toBe(true);
  });

  it('gives the prompt section, without its fence', () => {
    const text = `<graph>\n${PROGRAM}</graph>\n<prompt>\n\`\`\`python\nA = "x"\n\`\`\`\n</prompt>`;
    const { prompt } = splitAnswer(text);
    expect(prompt && text.slice(prompt.start, prompt.end)).toBe('A = "x"\n');
  });
});
