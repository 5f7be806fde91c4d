import { expect, it } from 'vitest';
import { CheckedWorkflowAnalyzer } from './checked-workflow-analyzer.js';

const analyzer = new CheckedWorkflowAnalyzer();

function workflow(body: string): string {
  return `class Workflow:\n    async def __call__(self, problem, entry_point):\n${body}`;
}

const single = workflow(`
        solution = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="")
        return solution["response"]
`);
const voted = workflow(`
        found = []
        for _ in range(3):
            solution = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="")
            found.append(solution["response"])
        best = await self.sc_ensemble(solutions=found, problem=problem)
        return best["response"]
`);

it('measures a workflow and compares it with another', () => {
  const small = analyzer.analyze(single);
  const large = analyzer.analyze(voted);
  if (!small || !large) throw new Error('both workflows are valid');
  expect(small.measures.operatorCalls).toBe(1);
  expect(large.measures).toMatchObject({ operatorCalls: 2, depth: 2 });
  expect(large.measures.nodes).toBeGreaterThan(small.measures.nodes);
  expect(small.similarityTo(small)).toBe(1);
  expect(small.similarityTo(large)).toBeLessThan(1);
  expect(small.similarityTo(large)).toBe(large.similarityTo(small));
});

it.each(['', 'no program', workflow('        return await self.no_such_operator()\n')])(
  'finds no workflow in %j',
  (source) => expect(analyzer.analyze(source)).toBeUndefined(),
);
