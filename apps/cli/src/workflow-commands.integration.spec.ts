import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { answer, startScriptedModelServer } from '@flowreasoner/testing';
import { FlowHome } from './testing/flow-process.js';

// The built command line; what runs does so in a host with a real jail. Only the model is scripted.

const sloppy = `class Workflow:
    async def __call__(self, problem, entry_point):
        s = self.custom_code_generate(problem=problem, entry_point=entry_point, instruction='')   # code
        return s['response'], self.llm.get_usage_summary()["total_cost"]
`;
const broken = sloppy.replace('entry_point):', 'entry_point)');
const task = {
  id: 'double',
  kind: 'code',
  problem:
    'def double(x):\n    """Return twice x.\n\n    >>> double(2)\n    4\n    >>> double(5)\n    10\n    """\n',
  entry_point: 'double',
};
const program = (body: string): string => '```python\ndef double(x):\n    return ' + body + '\n```';

let home: FlowHome;
let taskFile: string;
let workflowFile: string;
const servers: { close(): Promise<void> }[] = [];

async function model(text: string): Promise<string[]> {
  const server = await startScriptedModelServer({ script: () => answer(text) });
  servers.push(server);
  return ['--base-url', server.baseUrl, '--worker', 'scripted'];
}

beforeAll(async () => {
  home = await FlowHome.create();
  taskFile = join(home.folder, 'task.json');
  workflowFile = join(home.folder, 'workflow.py');
  await writeFile(taskFile, JSON.stringify(task));
  await writeFile(workflowFile, sloppy);
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
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

describe('flow run', () => {
  it('runs a workflow, grades the answer and prints lines shaped like those of solve', async () => {
    const trace = join(home.folder, 'trace.jsonl');
    const result = await home.run([
      ...['run', workflowFile, '--task', taskFile, '--trace', trace, '--json'],
      ...(await model(program('x * 2'))),
    ]);
    expect(result.stderr).toBe('');
    expect(result.code).toBe(0);
    expect(result.lines.map(({ event }) => event)).toEqual([
      'operator_started',
      'model_request_finished',
      'operator_finished',
      'round_evaluated',
      'result',
    ]);
    expect(result.lines.at(-1)).toMatchObject({
      status: 'solved',
      visible: { passed: 2, total: 2 },
      feedback_source: 'query_examples',
      stop_reason: 'all_checks_pass',
      rounds: 1,
      hidden: null,
      usage: { model_calls: 1 },
    });
    const events = (await readFile(trace, 'utf8')).trimEnd().split('\n');
    expect(events.map((line) => Object.keys(JSON.parse(line) as object).at(-1))).toEqual([
      'operatorStarted',
      'modelRequestStarted',
      'modelRequestFinished',
      'operatorFinished',
      'finished',
    ]);
  });

  it('ends with 2 and the answer on standard output when a check fails', async () => {
    const result = await home.run([
      ...['run', workflowFile, '--task', taskFile, '--mode', 'compatible'],
      ...(await model(program('x + 2'))),
    ]);
    expect(result.code).toBe(2);
    expect(result.stdout.trim()).toBe('def double(x):\n    return x + 2');
    expect(result.stderr).toContain('1 of 2 visible checks pass');
  });

  it('answers a question without checks with 0', async () => {
    const single =
      'class Workflow:\n    async def __call__(self, problem):\n        r = await self.custom(input=problem)\n        return r["response"], 0\n';
    const result = await home.run(['run', '-', '--query', 'Capital of France?', ...(await model('Paris'))], {
      input: single,
    });
    expect([result.code, result.stdout.trim()]).toEqual([0, 'Paris']);
  });

  it('ends with 65 for an invalid workflow, and asks nothing of a model', async () => {
    const result = await home.run(['run', '-', '--task', taskFile, '--json'], { input: broken });
    expect(result.code).toBe(65);
    expect(result.lines).toHaveLength(1);
    expect(result.lines[0]).toMatchObject({ event: 'error', reason: 'WORKFLOW_INVALID' });
    expect(result.lines[0]?.['diagnostics']).not.toEqual([]);
  });
});
