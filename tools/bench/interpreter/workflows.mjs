/** A workflow of AFlow's form around the lines of `__call__`. */
export const workflow = (lines) =>
  [
    'class Workflow:',
    '    def __init__(self, name, llm_config, dataset):',
    '        self.llm = create_llm_instance(llm_config)',
    '        self.custom = operator.Custom(self.llm)',
    '        self.programmer = operator.Programmer(self.llm)',
    '        self.sc_ensemble = operator.ScEnsemble(self.llm)',
    '',
    '    async def __call__(self, problem, entry_point=""):',
    ...lines.map((line) => `        ${line}`),
    '',
  ].join('\n');

/** A workflow that draws solutions beside each other, and then votes. */
export const ensemble = (size) =>
  workflow([
    'solutions = []',
    `for i in range(${size}):`,
    '    s = await self.custom(input=problem + str(i), instruction="")',
    "    solutions.append(s['response'])",
    'best = await self.sc_ensemble(solutions=solutions, problem=problem)',
    "return best['response'], self.llm.get_usage_summary()['total_cost']",
  ]);
