import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FlowHome } from './testing/flow-process.js';

// The built command line.

const sloppy = `class Workflow:
    async def __call__(self, problem, entry_point):
        s = self.custom_code_generate(problem=problem, entry_point=entry_point, instruction='')   # code
        return s['response'], self.llm.get_usage_summary()["total_cost"]
`;
const broken = sloppy.replace('entry_point):', 'entry_point)');
let home: FlowHome;
let workflowFile: string;
beforeAll(async () => {
  home = await FlowHome.create();
  workflowFile = join(home.folder, 'workflow.py');
  await writeFile(workflowFile, sloppy);
});
afterAll(() => home.remove());

describe('flow fmt', () => {
  it('prints a normal form that it leaves as it is', async () => {
    const first = await home.run(['fmt', '-'], { input: sloppy });
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('s = await self.custom_code_generate(');
    expect(first.stdout).not.toContain('# code');
    const again = await home.run(['fmt', '-'], { input: first.stdout });
    expect(again.stdout).toBe(first.stdout);
  });

  it('keeps prompts that stand in the file', async () => {
    const input = `<graph>\nclass Workflow:\n    async def __call__(self, problem):\n        r = await self.custom(input=problem, instruction=prompt_custom.ASK)\n        return r["response"], 0\n</graph>\n<prompt>\nASK = "Answer."\n</prompt>\n`;
    const result = await home.run(['fmt', '-'], { input });
    expect(result.stdout).toContain('ASK = "Answer."');
    expect((await home.run(['fmt', '-'], { input: result.stdout })).stdout).toBe(result.stdout);
  });

  it('refuses an invalid workflow with 65 and prints nothing on standard output', async () => {
    const result = await home.run(['fmt', '-'], { input: broken });
    expect([result.code, result.stdout]).toEqual([65, '']);
    expect(result.stderr).toContain('^');
  });
});

describe('flow fmt --check and --write', () => {
  it('says with 1 that a file is not in its normal form, writes it, and is content', async () => {
    const file = join(home.folder, 'to-format.py');
    await writeFile(file, sloppy);
    const before = await home.run(['fmt', file, '--check']);
    expect([before.code, before.stdout]).toEqual([1, '']);
    expect(before.stderr).toContain(`flow fmt --write ${file}`);
    expect(await readFile(file, 'utf8')).toBe(sloppy);
    const printed = await home.run(['fmt', file]);
    const written = await home.run(['fmt', file, '--write']);
    expect([written.code, written.stdout, written.stderr]).toEqual([0, '', '']);
    expect(await readFile(file, 'utf8')).toBe(printed.stdout);
    const after = await home.run(['fmt', file, '--check']);
    expect([after.code, after.stdout, after.stderr]).toEqual([0, '', '']);
  });

  it('leaves a workflow that is not valid as it is, and standard input to be printed', async () => {
    const file = join(home.folder, 'broken.py');
    await writeFile(file, broken);
    expect((await home.run(['fmt', file, '--write'])).code).toBe(65);
    expect((await home.run(['fmt', file, '--check'])).code).toBe(65);
    expect(await readFile(file, 'utf8')).toBe(broken);
    expect((await home.run(['fmt', '-', '--write'], { input: sloppy })).code).toBe(64);
    expect((await home.run(['fmt', '-', '--check'], { input: sloppy })).code).toBe(1);
    expect((await home.run(['fmt', file, '--check', '--write'])).code).toBe(64);
  });
});

describe('flow graph', () => {
  it.each([
    ['dot', /^digraph workflow \{/],
    ['mermaid', /^flowchart TD/],
    ['svg', /^<svg xmlns/],
  ])('prints %s', async (format, beginning) => {
    const result = await home.run(['graph', workflowFile, '--format', format]);
    expect(result.code).toBe(0);
    expect(result.stdout).toMatch(beginning);
    expect(result.stdout).toContain('custom_code_generate');
  });

  it('prints JSON, and refuses invalid workflows and unknown formats', async () => {
    const result = await home.run(['graph', workflowFile, '--format', 'json']);
    expect(result.lines[0]).toMatchObject({
      nodes: [
        { id: 'start' },
        { kind: 'operator', operator: 'custom_code_generate', line: 3 },
        { id: 'end' },
      ],
      clusters: [],
      edges: [{ from: 'start' }, { to: 'end' }],
    });
    expect((await home.run(['graph', '-'], { input: broken })).code).toBe(65);
    expect((await home.run(['graph', workflowFile, '--format', 'png'])).code).toBe(64);
  });
});

describe('flow grammar', () => {
  it('prints rules for the operators that are named, without what is excluded', async () => {
    const args = ['grammar', '--operators', 'custom', '--max-statements', '1'];
    const all = await home.run(args);
    expect(all.code).toBe(0);
    expect(all.stdout).toMatch(/^root ::= /);
    expect(all.stdout).toContain('self.custom(');
    expect(all.stdout).not.toContain('self.test(');
    const single = join(home.folder, 'single.py');
    await writeFile(
      single,
      'class Workflow:\n    async def __call__(self, problem):\n        s1 = (await self.custom(input=problem, instruction="Answer it."))["response"]\n        return s1, self.llm.get_usage_summary()["total_cost"]\n',
    );
    const less = await home.run([...args, '--exclude', single]);
    expect(less.code).toBe(64);
    expect(less.stderr).toContain('beside what is excluded');
  });

  it('refuses unknown operators with 64', async () => {
    const result = await home.run(['grammar', '--operators', 'magic']);
    expect(result.code).toBe(64);
    expect(result.stderr).toContain('there is no operator "magic"');
  });
});
