import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { checkWorkflow } from '../check-workflow.js';
import { classAround } from '../interpreter/testing/run-source.js';
import { readCorpus } from '../testing/corpus.js';
import { visitStatements } from '../walk.js';
import { buildGraph } from './build-graph.js';
import { graphToDot } from './dot.js';
import type { WorkflowGraph } from './graph.js';
import { graphToMermaid } from './mermaid.js';
import { graphToSvg } from './svg.js';

function graphOf(source: string): WorkflowGraph {
  const { program, valid, diagnostics } = checkWorkflow(
    source.startsWith('class') ? source : classAround(source),
  );
  if (program === undefined || !valid) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return buildGraph(program);
}

/** Edges as "operator → operator", with the label behind. */
function steps({ nodes, edges }: WorkflowGraph): string[] {
  const name = new Map(nodes.map(({ id, label }) => [id, label]));
  return edges.map(
    ({ from, to, label, kind }) =>
      `${name.get(from) ?? from} ${kind === 'next' ? '→' : kind} ${name.get(to) ?? to}${label === '' ? '' : `: ${label}`}`,
  );
}

const sample = `
a = await self.custom(input=problem)
if "<b> & \\"" in a["response"]:
    return a["response"]
for i in range(2):
    b = await self.custom_code_generate(problem=problem, entry_point=entry_point)
    if b["response"]:
        break
t = await self.test(problem=problem, solution=b["response"], entry_point=entry_point)
return t["solution"]`;

describe('buildGraph', () => {
  it('follows branches, loops and returns', () => {
    expect(steps(graphOf(sample))).toEqual([
      'start → custom',
      'custom → custom_code_generate: else',
      'custom_code_generate again custom_code_generate: else',
      'custom_code_generate → test',
      'custom → end: "<b> & \\"" in a["response"]',
      'test → end',
    ]);
  });

  it('puts loops, branches and gather in clusters and leaves out those without calls', () => {
    const graph = graphOf(`
rs = await asyncio.gather(self.custom(input=problem), self.multi_generate(problem=problem))
xs = [await self.custom(input=str(i)) for i in range(3)]
if problem:
    n = 1
else:
    n = 2
return rs[0]["response"] + xs[0]["response"] + str(n)`);
    expect(graph.clusters.map(({ kind, label, children }) => [kind, label, children.length])).toEqual([
      ['parallel', 'gather', 2],
      ['loop', 'for i in range(3)', 1],
    ]);
    expect(steps(graph)).toContain('start → multi_generate');
  });

  it('passes a loop by unless it certainly turns, and its else on break', () => {
    const loop = (head: string): string[] =>
      steps(
        graphOf(`
r = {"response": ""}
${head}:
    r = await self.custom(input=problem)
    if r["response"]:
        break
else:
    r = await self.review(problem=problem, solution=problem)
    return r["feedback"]
return r["response"]`),
      );
    const turning = [
      'start → custom',
      'custom again custom: else',
      'custom → review: else',
      'review → end',
      'custom → end: r["response"]',
    ];
    expect(loop('for i in range(3)').sort()).toEqual(turning.sort());
    expect(loop('for i in ["a", "b"]').sort()).toEqual(turning.sort());
    expect(loop('for i in range(len(problem))').sort()).toEqual([...turning, 'start → review'].sort());
    const endless = steps(
      graphOf(`
while True:
    r = await self.custom(input=problem)
    if r["response"]:
        break
return r["response"]`),
    );
    expect(endless).toEqual(['start → custom', 'custom again custom: else', 'custom → end: r["response"]']);
  });

  it('puts the branches of elif side by side, and says a condition once in drawings', () => {
    const graph = graphOf(`
r = {"response": ""}
if problem == "a":
    r = await self.custom(input=problem)
elif problem == "b":
    r = await self.custom_code_generate(problem=problem, entry_point=entry_point)
return r["response"]`);
    expect(graph.clusters.map(({ kind, label }) => [kind, label])).toEqual([
      ['branch', 'problem == "a"'],
      ['branch', 'problem == "b"'],
      ['if', 'if'],
    ]);
    expect(steps(graph)).toContain('start → custom_code_generate: problem == "b"');
    expect(graphToMermaid(graph).match(/problem/g)).toHaveLength(2);
    expect(graphToDot(graph).match(/problem/g)).toHaveLength(2);
    expect(graphToSvg(graph).match(/problem/g)).toHaveLength(2);
    const asking = graphOf(`
if problem == "a":
    r = await self.custom(input=problem)
elif (await self.custom(input=problem))["response"]:
    r = await self.custom_code_generate(problem=problem, entry_point=entry_point)
else:
    r = {"response": ""}
return r["response"]`);
    expect(asking.clusters.at(-1)?.children).toHaveLength(2);
    expect(asking.clusters.map(({ kind, label }) => [kind, label])).toContainEqual(['branch', 'else']);
  });

  it('frames a branch that is alone once, and says its condition once', () => {
    const clusters = (source: string): unknown[] =>
      graphOf(source).clusters.map(({ kind, label, children }) => [kind, label, children]);
    const custom = 'await self.custom(input=problem)';
    const then = `r = {"response": ""}\nif problem == "x":\n    r = ${custom}\n`;
    expect(clusters(`${then}return r["response"]`)).toEqual([['branch', 'if problem == "x"', ['n3']]]);
    expect(
      clusters(`if problem:\n    r = {"response": ""}\nelse:\n    r = ${custom}\nreturn r["response"]`),
    ).toEqual([['branch', 'if not problem', ['n4']]]);
    expect(clusters(`${then}else:\n    r = ${custom}\nreturn r["response"]`)).toEqual([
      ['branch', 'problem == "x"', ['n3']],
      ['branch', 'else', ['n5']],
      ['if', 'if', ['c2', 'c4']],
    ]);
  });

  it('draws a helper once, however often it is called', () => {
    const graph = graphOf(`class Workflow:
    async def ask(self, text):
        r = await self.custom(input=text)
        return r["response"]
    async def __call__(self, problem):
        a = await self.ask(problem)
        b = await self.ask(a)
        return b
`);
    expect(graph.nodes.filter(({ kind }) => kind === 'operator')).toHaveLength(1);
    expect(steps(graph).filter((step) => step.includes(' calls '))).toHaveLength(2);
  });

  it('leads from the calls of a try to its handlers', () => {
    const graph = graphOf(`
try:
    a = await self.custom(input=problem)
except ValueError:
    a = await self.custom_code_generate(problem=problem, entry_point=entry_point)
return a["response"]`);
    expect(steps(graph)).toContain('custom → custom_code_generate: ValueError');
  });

  const valid = readCorpus().filter(({ source }) => checkWorkflow(source).valid);
  it.each(valid)('$name has each of its calls once, and edges between known nodes', ({ source }) => {
    const { program } = checkWorkflow(source);
    if (program === undefined) throw new Error('a valid workflow has a program');
    let calls = 0;
    for (const { body } of [...program.methods, program.entry]) {
      visitStatements(body, { expression: ({ kind }) => (calls += kind === 'operatorCall' ? 1 : 0) });
    }
    const graph = buildGraph(program);
    const placed = [...graph.children, ...graph.clusters.flatMap(({ children }) => children)];
    const ids = [...graph.nodes, ...graph.clusters].map(({ id }) => id);
    expect([...placed].sort()).toEqual([...ids].sort());
    expect(graph.nodes.filter(({ kind }) => kind === 'operator')).toHaveLength(calls);
    const known = new Set(graph.nodes.map(({ id }) => id));
    for (const { from, to } of graph.edges) expect(known.has(from) && known.has(to)).toBe(true);
  });
});

describe('drawings', () => {
  it('are well-formed XML for every program of the corpus', () => {
    const drawings = valid().map((source) => graphToSvg(graphOf(source)));
    const program =
      'import sys, json, xml.dom.minidom\nfor line in sys.stdin: xml.dom.minidom.parseString(json.loads(line))';
    const { status, stderr } = spawnSync('python3', ['-c', program], {
      input: drawings.map((text) => `${JSON.stringify(text)}\n`).join(''),
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('escape labels', () => {
    const graph = graphOf(sample);
    expect(graphToSvg(graph)).toContain('&#34;&#60;b&#62; &#38; \\&#34;');
    expect(graphToSvg(graph)).not.toContain('<b>');
    expect(graphToDot(graph)).toContain(String.raw`label="\"<b> & \\\"\" in a[`);
    expect(graphToMermaid(graph)).not.toContain('<b>');
  });

  it('show the labels of all edges within the drawing', () => {
    for (const source of valid()) {
      const drawing = graphToSvg(graphOf(source));
      const [, left, width] = (/viewBox="(\S+) 0 (\S+) /.exec(drawing) ?? []).map(Number);
      for (const [, x, anchor, label = ''] of drawing.matchAll(
        /class="label" x="(\S+)" y="\S+"( text-anchor="end")?>([^<]*)</g,
      )) {
        const length = label.replace(/&#\d+;/g, '.').length * 6;
        const from = Number(x) - (anchor === undefined ? 0 : length);
        expect(from).toBeGreaterThanOrEqual(left ?? NaN);
        expect(from + length).toBeLessThanOrEqual((left ?? NaN) + (width ?? NaN));
      }
    }
  });

  it('do not let nodes of one level overlap', () => {
    for (const source of valid()) {
      const rects = [
        ...graphToSvg(graphOf(source)).matchAll(
          /class="node [a-z]+" x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)"/g,
        ),
      ].map((match) => match.slice(1).map(Number) as [number, number, number, number]);
      for (const [i, [x, y, w, h]] of rects.entries()) {
        for (const [u, v, s, t] of rects.slice(i + 1)) {
          expect(x + w <= u || u + s <= x || y + h <= v || v + t <= y).toBe(true);
        }
      }
    }
  });
});

function valid(): string[] {
  return readCorpus()
    .filter(({ source }) => checkWorkflow(source).valid)
    .map(({ source }) => checkWorkflow(source).normalForm);
}
