import type { RunOptions } from '@flowreasoner/contracts/metaagent';
import type { Budget } from '@flowreasoner/contracts/workflow';
import { createSeededRandom } from '@flowreasoner/testing';

/** A run that is drawn at random. Tests only. */
export interface RandomRun {
  /** Stands in every prompt of the run. */
  readonly tag: string;
  readonly problem: string;
  readonly options: Partial<RunOptions>;
  readonly budget: Budget;
}

/** Draws a run: a workflow with parallel operators, a policy, and limits that most runs reach. */
export function randomRun(index: number): RandomRun {
  const random = createSeededRandom(index + 1);
  const between = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const maybe = (value: number): number | undefined => (random() < 0.5 ? value : undefined);
  const budget: Budget = {
    modelCalls: maybe(between(1, 12)),
    tokens: maybe(between(2_000, 40_000)),
    costUsd: maybe(between(4, 60) / 1_000),
    sandboxMs: maybe(between(20, 2_000)),
  };
  const tag = `run-${index}-end`;
  const policy = ['search', 'llm', 'fixed:seed'][between(0, 2)] ?? 'search';
  const problem = `def double(x):\n    """ Doubles a number, ${tag}.\n    >>> double(2)\n    4\n    """\n`;
  const seedWorkflow = workflowOf(between(1, 5), between(2, 6), random() < 0.5);
  return {
    tag,
    problem,
    budget,
    options: { policy, budget, seedWorkflow, maxRounds: between(1, 4), seed: index },
  };
}

/** Calls that run at once, in a loop and beside one another, and a vote and a test over them. */
function workflowOf(loop: number, samples: number, isTested: boolean): string {
  return `class Workflow:
    def __init__(self, name, llm_config, dataset):
        self.gen = operator.CustomCodeGenerate(self.llm)
        self.multi = operator.MultiGenerate(self.llm)
        self.vote = operator.ScEnsemble(self.llm)
        self.test = operator.Test(self.llm)
    async def __call__(self, problem, entry_point):
        found = []
        for i in range(${loop}):
            made = await self.gen(problem=problem, entry_point=entry_point, instruction=f"Way {i}")
            found.append(made['response'])
        more = await self.multi(problem=problem, entry_point=entry_point, n=${samples})
        found = found + more['responses']
        best = await self.vote(solutions=found, problem=problem)
        ${isTested ? "tested = await self.test(problem=problem, solution=best['response'], entry_point=entry_point, test_loop=2)" : ''}
        return ${isTested ? "tested['solution']" : "best['response']"}
`;
}
