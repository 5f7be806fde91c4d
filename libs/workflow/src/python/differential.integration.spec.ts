import { describe, expect, it } from 'vitest';
import { checkWorkflow } from '../check-workflow.js';
import { workflowGrammar } from '../grammar/grammar.js';
import { readCorpus } from '../testing/corpus.js';
import { parseGbnf, sampleGbnf } from '../testing/gbnf.js';
import { seededRandom } from '../testing/random.js';
import { enrich } from './enrich.js';
import { type BothCase, runAsPython, runByInterpreter } from './run-both.js';

const PROBLEMS = ['def solve(x):\n    """Double x."""', 'How many legs have 3 cats?', '12 + 30 = ?'];
const COUNT = process.env['FLOW_FULL'] === '1' ? 2_000 : 200;

/** The program as it was written; its normal form where something had to be mended or it stands among other text. */
function pythonText(source: string): string {
  const { diagnostics, normalForm } = checkWorkflow(source);
  const isBare = /^\s*(?:from|import|class|[A-Z])/.test(source) && !source.includes('```');
  return isBare && diagnostics.length === 0 ? source : normalForm;
}

async function expectSame(cases: readonly BothCase[]): Promise<void> {
  const python = runAsPython(cases);
  expect(python).toHaveLength(cases.length);
  for (const [i, item] of cases.entries()) {
    expect(await runByInterpreter(item), `${item.name} on ${item.problem}\n${item.python}`).toEqual(
      python[i],
    );
  }
}

describe('against Python with the same stub operators', () => {
  const corpus = readCorpus().filter(({ source }) => checkWorkflow(source).valid);

  it('takes at least 60 programs of the corpus', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(60);
    const asWritten = corpus.filter(({ source }) => pythonText(source) === source);
    expect(asWritten.length).toBeGreaterThanOrEqual(40);
  });

  it.each(corpus)('$name makes the same calls and gives the same result', async ({ name, source }) => {
    const python = pythonText(source);
    await expectSame(PROBLEMS.map((problem) => ({ name, source, python, problem })));
  });

  it(
    `so do ${COUNT} programs of the grammar with other expressions in them`,
    { timeout: 600_000 },
    async () => {
      const grammar = parseGbnf(workflowGrammar());
      const random = seededRandom(5);
      const cases = Array.from({ length: COUNT }, (_, i) => {
        const source = enrich(sampleGbnf(grammar, 'program', random), random);
        const found = checkWorkflow(source).diagnostics.filter(({ severity }) => severity === 'error');
        expect(found, source).toEqual([]);
        return { name: `program ${i}`, source, python: source, problem: PROBLEMS[i % 3] ?? '' };
      });
      await expectSame(cases);
    },
  );
});
