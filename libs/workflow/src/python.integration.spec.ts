import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkWorkflow } from './check-workflow.js';
import { DiagnosticList } from './diagnostics.js';
import { parseClass } from './parse/parse-class.js';
import { workflowGrammar } from './grammar/grammar.js';
import { OPERATORS } from './operators.js';
import { enrich } from './python/enrich.js';
import { SourceText } from './source-text.js';
import { splitAnswer } from './split-answer.js';
import { readCorpus } from './testing/corpus.js';
import { parseGbnf, sampleGbnf } from './testing/gbnf.js';
import { mutate } from './testing/mutate.js';
import { seededRandom } from './testing/random.js';
import { visitStatements } from './walk.js';

const FULL = process.env['FLOW_FULL'] === '1';
const corpus = readCorpus();

/** Runs a Python function over JSON values, one a line. */
function python(source: string, inputs: readonly unknown[]): unknown[] {
  const program = `import sys, json, ast, warnings\nwarnings.simplefilter("ignore")\n${source}\nfor line in sys.stdin:\n    print(json.dumps(judge(json.loads(line))))\n`;
  const run = spawnSync('python3', ['-c', program], {
    input: inputs.map((value) => `${JSON.stringify(value)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

const PARSES = `
def judge(text):
    try:
        ast.parse(text)
        return ""
    except (SyntaxError, ValueError, RecursionError) as e:
        return repr(e)
`;

const COMPARE_TREES = readFileSync(new URL('python/compare_trees.py', import.meta.url), 'utf8');

/** What the normal form leaves out or writes in one way of several; see compare_trees.py. */
const RULES = [
  'bare class',
  'entry last',
  'annotations',
  'statements without effect',
  'import aliases',
  'static methods',
  'operator arguments',
  'printing',
  'usage',
  'FW701 await',
  'FW702 field',
  'FW704 attribute',
  'FW705 async',
  'FW706 quotes',
];

/** The text of the class where the front end takes its syntax, as a module of its own; undefined where it does not. */
function acceptedText(source: string): string | undefined {
  const diagnostics = new DiagnosticList();
  const { surface, region } = parseClass(new SourceText(source), splitAnswer(source).graph, diagnostics);
  const found = diagnostics.sorted();
  const refused = found.some((item) => item.severity === 'error');
  // Valid from Python 3.12 on only.
  if (!surface || !region || refused || found.some((item) => item.code === 'FW706')) return undefined;
  return moduleText(source.slice(region.start, region.end));
}

/** A module with a class that may be indented. */
function moduleText(text: string): string {
  return /^[ \t]/.test(text) ? `if 1:\n${text}` : text;
}

describe('against CPython', () => {
  beforeAll(() => {
    const { status } = spawnSync('python3', ['--version']);
    if (status !== 0) throw new Error('this suite needs python3');
  });

  it('takes nothing that ast.parse rejects', { timeout: 1_800_000 }, () => {
    const random = seededRandom(11);
    const texts: string[] = [];
    for (let count = 0; count < (FULL ? 100_000 : 4_000); count++) {
      const { source } = corpus[count % corpus.length] ?? { source: '' };
      const text = acceptedText(mutate(source, random));
      if (text !== undefined) texts.push(text);
    }
    expect(texts.length).toBeGreaterThan(100);
    const wrong = python(PARSES, texts).flatMap((answer, index) =>
      answer === '' ? [] : [[answer, texts[index]]],
    );
    expect(wrong).toEqual([]);
  });

  describe('the syntax tree of a program and that of its normal form', () => {
    const grammar = parseGbnf(workflowGrammar());
    const random = seededRandom(23);
    const generated = Array.from({ length: FULL ? 2_000 : 100 }, (_, i) => ({
      name: `generated ${i}`,
      source: enrich(sampleGbnf(grammar, 'program', random), random),
    }));
    const programs = [...corpus, ...generated].flatMap(({ name, source }) => {
      const input = comparison(source);
      return input === undefined ? [] : [{ name, input }];
    });
    const differing = (inputs: readonly object[]): number[] =>
      (python(COMPARE_TREES, inputs) as [string, string][]).flatMap(([source, normal], i) =>
        source === normal ? [] : [i],
      );

    it('are one, but for what the rules of the normal form say', { timeout: 600_000 }, () => {
      const valid = [...corpus, ...generated].filter(({ source }) => checkWorkflow(source).valid);
      expect(programs.map(({ name }) => name)).toEqual(valid.map(({ name }) => name));
      const trees = python(
        COMPARE_TREES,
        programs.map(({ input }) => input),
      ) as [string, string][];
      for (const [i, [source, normal]] of trees.entries()) expect(normal, programs[i]?.name).toBe(source);
      // Few programs of the corpus are one but for their mends, so that the rules don't take all differences away.
      const own = trees.slice(0, programs.length - generated.length).map(([source]) => source);
      expect(new Set(own).size).toBeGreaterThan(0.9 * own.length);
    });

    it.each(RULES)('needs the rule "%s"', (rule) => {
      const inputs = programs
        .slice(0, programs.length - generated.length)
        .map(({ input }) => ({ ...input, rules: input.rules.filter((name) => name !== rule) }));
      expect(differing(inputs)).not.toEqual([]);
    });
  });
});

/** What has to be known of a valid program to compare it with its normal form; undefined for others. */
function comparison(source: string) {
  const { valid, program, normalForm, diagnostics } = checkWorkflow(source);
  if (!valid || program === undefined) return undefined;
  const operators: Record<string, object> = {};
  for (const { body } of [...program.methods, program.entry]) {
    visitStatements(body, {
      expression: (node) => {
        if (node.kind !== 'operatorCall') return;
        const signature = OPERATORS.get(node.operator);
        operators[node.attribute] = {
          parameters: signature?.parameters.map(({ name }) => name),
          fields: signature?.resultFields,
        };
      },
    });
  }
  const codes = new Set(diagnostics.map(({ code }) => code));
  // Rules that undo a mend are for programs in which the checker says that it was made.
  const rules = RULES.filter((rule) => !rule.startsWith('FW') || codes.has(rule.slice(0, 5) as never));
  const { region } = parseClass(new SourceText(source), splitAnswer(source).graph, new DiagnosticList());
  const text = source.slice(region?.start, region?.end);
  return { source: moduleText(text), normal: normalForm, operators, rules };
}
