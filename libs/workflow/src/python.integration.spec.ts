import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkWorkflow } from './check-workflow.js';
import { DiagnosticList } from './diagnostics.js';
import { parseClass } from './parse/parse-class.js';
import { SourceText } from './source-text.js';
import { splitAnswer } from './split-answer.js';
import { readCorpus } from './testing/corpus.js';
import { mutate } from './testing/mutate.js';
import { seededRandom } from './testing/random.js';

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

/** The text of the class where the front end takes its syntax, as a module of its own; undefined where it does not. */
function acceptedText(source: string): string | undefined {
  const diagnostics = new DiagnosticList();
  const { surface, region } = parseClass(new SourceText(source), splitAnswer(source).graph, diagnostics);
  const found = diagnostics.sorted();
  const refused = found.some((item) => item.severity === 'error');
  // Valid from Python 3.12 on only.
  if (!surface || !region || refused || found.some((item) => item.code === 'FW706')) return undefined;
  const text = source.slice(region.start, region.end);
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

  it('groups operators and reads literals as Python does', () => {
    // The syntax tree of the program and of its normal form must be one, but for what the normal form leaves out.
    const COMPARE = `
class Strip(ast.NodeTransformer):
    def visit_ClassDef(self, node):
        node.name = ""; node.bases = []
        node.body = [self.visit(n) for n in node.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.name != "__init__"]
        node.body.sort(key=lambda n: (n.name == "__call__", n.name))
        return node
    def visit_FunctionDef(self, node):
        self.generic_visit(node); node.returns = None
        node.body = [n for n in node.body if not isinstance(n, (ast.Import, ast.ImportFrom, ast.Pass)) and not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))] or [ast.Pass()]
        return node
    visit_AsyncFunctionDef = visit_FunctionDef
    def visit_arg(self, node):
        node.annotation = None
        return node
    def visit_AnnAssign(self, node):
        self.generic_visit(node)
        return ast.Assign(targets=[node.target], value=node.value)
    def visit_Constant(self, node):
        node.kind = None
        return node
def judge(pair):
    return [ast.dump(Strip().visit(ast.parse(text))) for text in pair]
`;
    const pairs = corpus.flatMap(({ name, source, codes }) => {
      const { normalForm, valid } = checkWorkflow(source);
      const text = acceptedText(source);
      const isMended = codes.some((code) => code.startsWith('FW7') && code !== 'FW707');
      // Positional arguments of operators, import aliases, static methods, logging, usage and a wrapped class are written another way.
      const isRewritten =
        /positional|usage_log|styles_and_votes|majority_of_outputs|metagpt|counter_import|method_log|indented/.test(
          name,
        );
      return valid && text !== undefined && !isMended && !isRewritten
        ? [{ name, pair: [text, normalForm] }]
        : [];
    });
    expect(pairs.length).toBeGreaterThan(25);
    const dumps = python(
      COMPARE,
      pairs.map((item) => item.pair),
    ) as [string, string][];
    dumps.forEach(([source, normal], index) => {
      expect(normal, pairs[index]?.name).toBe(source);
    });
  });
});
