import { describe, expect, it } from 'vitest';
import { workflowLines } from './workflow-lines.js';

const frame = (body: string, before = ''): string => `<modification>m</modification>
<graph>
import operator
class Workflow:
    """notes of a policy"""

    def __init__(self, name, llm_config, dataset):
        self.llm = create(llm_config)
        self.custom = operator.Custom(self.llm)
${before}
    async def __call__(self, problem: str):
${body}
</graph>
<prompt>
SHORT = """Answer
in one word."""
</prompt>`;

describe('workflowLines', () => {
  it('shows what __call__ does and the prompts, not the constructor', () => {
    const body = `        r = await self.custom(input=problem, instruction=prompt_custom.SHORT)
        if r['response']:
            return r['response']
        return problem`;
    expect(workflowLines(frame(body))).toEqual([
      'SHORT = "Answer\\nin one word."',
      'r = await self.custom(input=problem, instruction=prompt_custom.SHORT)',
      'if r["response"]:',
      '    return r["response"]',
      'return problem',
    ]);
  });

  it('names the methods where there are several', () => {
    const lines = workflowLines(
      frame(
        '        return await self.ask(problem)',
        `    async def ask(self, text):
        r = await self.custom(input=text, instruction="")
        return r['response']`,
      ),
    );
    expect(lines).toContain('async def ask(self, text):');
    expect(lines).toContain('async def __call__(self, problem):');
    expect(lines.join('\n')).not.toContain('__init__');
  });

  it('shows no raw escape sequence, and cuts what is long', () => {
    const body = Array.from({ length: 60 }, () => "        problem = problem + '\u001b[2J'").join('\n');
    const lines = workflowLines(frame(`${body}\n        return problem`));
    expect(lines.join('\n')).not.toContain('\u001b');
    expect(lines.at(-1)).toMatch(/^… \d+ more lines$/);
  });

  it('shows a text that is no program as it is', () => {
    expect(workflowLines('nothing\u0007 here')).toEqual(['nothing\\x07 here']);
  });
});
