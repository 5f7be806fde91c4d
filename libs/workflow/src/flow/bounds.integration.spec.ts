import { describe, expect, it } from 'vitest';
import { checkWorkflow } from '../check-workflow.js';
import { workflowGrammar } from '../grammar/grammar.js';
import { enrich } from '../python/enrich.js';
import { readCorpus } from '../testing/corpus.js';
import { parseGbnf, sampleGbnf } from '../testing/gbnf.js';
import { seededRandom } from '../testing/random.js';
import { REQUEST, spend, type Spent } from '../testing/spend.js';

const COUNT = process.env['FLOW_FULL'] === '1' ? 2_000 : 200;
const PROBLEMS = ['def solve(x):\n    """Double x."""', 'How many legs have 3 cats?', ''];
const FACTS = ['operatorCalls', 'modelCalls', 'tokens', 'costUsd', 'criticalPath'] as const;

/** Runs a program and compares what it used with what the checker said. */
async function expectWithin(source: string, problem: string, random: () => number): Promise<Spent> {
  const { program, bounds } = checkWorkflow(source, REQUEST);
  if (!program || !bounds) throw new Error(`the program is not valid:\n${source}`);
  const spent = await spend(program, problem, random);
  for (const fact of FACTS) {
    const about = `${fact} of a run that ${spent.status} on ${JSON.stringify(problem)}:\n${source}`;
    const slack = fact === 'costUsd' ? 1e-9 : 0;
    expect(spent[fact], about).toBeLessThanOrEqual((bounds.greatest[fact] ?? Infinity) + slack);
    // The least is that of a program that comes to its answer.
    if (spent.status === 'succeeded')
      expect(spent[fact], about).toBeGreaterThanOrEqual((bounds.least[fact] ?? 0) - slack);
  }
  return spent;
}

describe('static bounds hold for real runs', () => {
  it('of the corpus', async () => {
    const random = seededRandom(21);
    const reached = new Set<string>();
    for (const { name, source } of readCorpus()) {
      const { valid, bounds } = checkWorkflow(source, REQUEST);
      if (!valid || !bounds) continue;
      for (const problem of [...PROBLEMS, ...PROBLEMS]) {
        const spent = await expectWithin(source, problem, random);
        if (spent.operatorCalls === bounds.least.operatorCalls) reached.add(`least of ${name}`);
        if (spent.operatorCalls === bounds.greatest.operatorCalls) reached.add(`greatest of ${name}`);
      }
    }
    // Bounds that no run reaches would hold as well, and say nothing.
    expect(reached.size).toBeGreaterThan(100);
  });

  it.each([
    ['that change a list', 'x, seen', 'seen.append(r["response"])', 'gather', 3],
    ['that give an iterator', 'x', 'return iter(r["response"])', 'gather', 3],
    ['that go on beside each other', 'x', 'r = await self.custom(input=x, instruction="again")', 'gather', 2],
    ['that are given a list, joined', '[x]', 'x = x', 'gather', 1],
    ['that are given a list, one by one', '[x]', 'x = x', 'await', 3],
    ['that call helpers one by one', 'x', 'return [await self.one([y]) for y in ["d", "e"]]', 'gather', 3],
  ])('where helpers of a comprehension take turns: %s', async (_, given, then, how, path) => {
    const calls = `self.helper(${given}) for x in ["a", "b", "c"]`;
    const source = `class Workflow:
    async def helper(self, x, seen=()):
        r = await self.custom(input=str(x), instruction="")
        if r["response"] != "":
            ${then}
        return r["response"]

    async def one(self, y):
        r = await self.custom(input=str(y), instruction="one")
        if r["response"] != "":
            y = y
        return r["response"]

    async def __call__(self, problem, entry_point):
        seen = []
        out = ${how === 'gather' ? `await asyncio.gather(*[${calls}])` : `[await ${calls}]`}
        return str([list(one) for one in out])
`;
    expect((await expectWithin(source, 'p', seededRandom(1))).criticalPath).toBe(path);
  });

  it(
    `of ${COUNT} programs of the grammar with richer expressions and statements in them`,
    { timeout: 900_000 },
    async () => {
      const grammar = parseGbnf(workflowGrammar());
      const random = seededRandom(22);
      const statuses = new Set<string>();
      for (let i = 0; i < COUNT; i++) {
        const plain = sampleGbnf(grammar, 'program', random);
        const source = i % 2 === 0 ? plain : enrich(plain, random);
        statuses.add((await expectWithin(source, PROBLEMS[i % 3] ?? '', random)).status);
      }
      expect(statuses.has('succeeded')).toBe(true);
    },
  );
});
