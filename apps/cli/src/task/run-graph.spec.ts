import { WorkflowEvent, type OperatorStarted } from '@flowreasoner/contracts/workflow';
import { checkWorkflow, graphToDot, runProgram } from '@flowreasoner/workflow';
import { describe, expect, it } from 'vitest';
import { runGraph } from './run-graph.js';

/** Runs a program on operators that answer at once, and gives the events that tell of its calls. */
async function eventsOf(source: string): Promise<WorkflowEvent[]> {
  const { program } = checkWorkflow(source);
  if (program === undefined) throw new Error('the program is not valid');
  const events: WorkflowEvent[] = [];
  const outcome = await runProgram(program, {
    problem: 'p',
    seed: 1,
    usage: () => ({ total_cost: 0, total_input_tokens: 0, total_output_tokens: 0, call_count: 0 }),
    callOperator: (call) => {
      const value: Partial<OperatorStarted> = {
        callId: call.place,
        operator: call.operator,
        position: { line: call.range.startLine, column: 1 },
        follows: [...call.follows],
        function: call.caller.name,
        parentId: call.caller.place,
      };
      events.push(WorkflowEvent.fromPartial({ event: { $case: 'operatorStarted', value } }));
      return Promise.resolve(new Map([['response', 'yes']]));
    },
  });
  expect(outcome.status).toBe('succeeded');
  return events;
}

const SOURCE = `class Workflow:
    def __init__(self, name, llm_config, dataset):
        self.llm = create_llm_instance(llm_config)
        self.custom = operator.Custom(self.llm)
        self.review = operator.Review(self.llm)
        self.sc_ensemble = operator.ScEnsemble(self.llm)

    async def attempt(self, problem, i):
        draft = await self.custom(input=f"{problem} {i}", instruction="")
        if 'y' in draft['response']:
            draft = await self.custom(input=draft['response'], instruction="")
        return draft['response']

    async def __call__(self, problem):
        plan = await self.custom(input=problem, instruction="")
        if plan['response'] == '':
            return ''
        xs = await asyncio.gather(self.attempt(problem, 0), self.attempt(problem, 1))
        best = await self.sc_ensemble(solutions=xs, problem=problem)
        return best['response']
`;

describe('the graph of a run', () => {
  it('is drawn from its events alone', async () => {
    const graph = runGraph(await eventsOf(SOURCE));
    expect(graphToDot(graph)).toBe(`digraph workflow {
  start [label="start", shape=circle];
  c1 [label="custom", shape=box];
  subgraph cluster_p1 {
    label="side by side";
    subgraph cluster_h1 {
      label="attempt";
      c2 [label="custom", shape=box];
      c4 [label="custom", shape=box];
    }
    subgraph cluster_h2 {
      label="attempt";
      c3 [label="custom", shape=box];
      c5 [label="custom", shape=box];
    }
  }
  c6 [label="sc_ensemble", shape=box];
  end [label="end", shape=doublecircle];
  start -> c1;
  c1 -> c2;
  c1 -> c3;
  c2 -> c4;
  c3 -> c5;
  c4 -> c6;
  c5 -> c6;
  c6 -> end;
}
`);
  });

  it('has start and end where no operator was called', () => {
    expect(runGraph([])).toMatchObject({ edges: [{ from: 'start', to: 'end' }], children: ['start', 'end'] });
  });
});
