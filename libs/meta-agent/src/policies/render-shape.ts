import { answerInstructions, codeInstructions } from './instructions.js';
import { shapeKey, type WorkflowShape } from './workflow-shape.js';

interface UsedOperator {
  readonly attribute: string;
  readonly className: string;
}

const classNames = {
  custom: 'Custom',
  custom_code_generate: 'CustomCodeGenerate',
  multi_generate: 'MultiGenerate',
  sc_ensemble: 'ScEnsemble',
  test: 'Test',
  review: 'Review',
  revise: 'Revise',
} as const;

type OperatorName = keyof typeof classNames;

/**
 * The source text of a shape: a class in AFlow's form with its prompts. The
 * shape's key stands in the class' docstring, so that the shape can be told
 * from the text.
 */
export function renderShape(shape: WorkflowShape, modification: string): string {
  const body = bodyOf(shape);
  const used = operatorsIn(body);
  const instruction = (shape.task === 'code' ? codeInstructions : answerInstructions).find(
    (each) => each.name === shape.instruction,
  );
  const prompt = body.some((line) => line.includes('prompt_custom.'))
    ? `\n<prompt>\n${shape.instruction} = """${instruction?.text ?? ''}"""\n</prompt>\n`
    : '';
  const lines = [
    'class Workflow:',
    `    """${shapeKey(shape)}"""`,
    '',
    '    def __init__(self, name, llm_config, dataset):',
    '        self.name = name',
    '        self.dataset = dataset',
    '        self.llm = create(llm_config)',
    ...used.map((each) => `        self.${each.attribute} = operator.${each.className}(self.llm)`),
    '',
    shape.task === 'code'
      ? '    async def __call__(self, problem: str, entry_point: str):'
      : '    async def __call__(self, problem: str):',
    ...body.map((line) => `        ${line}`),
  ];
  return `<modification>${modification}</modification>\n<graph>\n${lines.join('\n')}\n</graph>\n${prompt}`;
}

function operatorsIn(body: readonly string[]): UsedOperator[] {
  const text = body.join('\n');
  const names = Object.keys(classNames) as OperatorName[];
  return names
    .filter((name) => text.includes(`await self.${name}(`))
    .map((name) => ({ attribute: name, className: classNames[name] }));
}

function bodyOf(shape: WorkflowShape): string[] {
  return [...generate(shape), ...choose(shape), ...review(shape), ...repair(shape)];
}

function instructionOf(shape: WorkflowShape): string {
  const plainCode = shape.task === 'code' && shape.instruction === 'PLAIN';
  return plainCode ? '' : `, instruction=prompt_custom.${shape.instruction}`;
}

function generate(shape: WorkflowShape): string[] {
  const instruction = instructionOf(shape);
  if (shape.task === 'answer') {
    const call = `await self.custom(input=problem${instruction})`;
    if (shape.samples === 1) return [`answer = ${call}`, "solution = answer['response']"];
    return [
      'candidates = []',
      `for _ in range(${shape.samples}):`,
      `    answer = ${call}`,
      "    candidates.append(answer['response'])",
    ];
  }
  const task = `problem=problem, entry_point=entry_point${instruction}`;
  if (shape.samples === 1) {
    return [`generated = await self.custom_code_generate(${task})`, "solution = generated['response']"];
  }
  return [
    `generated = await self.multi_generate(${task}, n=${shape.samples})`,
    "candidates = generated['responses']",
  ];
}

function choose(shape: WorkflowShape): string[] {
  if (shape.select === 'first') return [];
  const vote = [
    'chosen = await self.sc_ensemble(solutions=candidates, problem=problem)',
    "solution = chosen['response']",
  ];
  if (shape.select === 'vote') return vote;
  const passing = [
    'for candidate in candidates:',
    '    checked = await self.test(problem=problem, solution=candidate, entry_point=entry_point, test_loop=0)',
    "    if checked['result']:",
    "        return checked['solution']",
  ];
  // None passes: voting would cost a call and choose among wrong ones.
  return [...passing, 'solution = candidates[0]'];
}

function review(shape: WorkflowShape): string[] {
  if (!shape.review) return [];
  return [
    'reviewed = await self.review(problem=problem, solution=solution)',
    "revised = await self.revise(problem=problem, solution=solution, feedback=reviewed['feedback'])",
    "solution = revised['solution']",
  ];
}

function repair(shape: WorkflowShape): string[] {
  if (shape.repair === 0) return ['return solution'];
  return [
    `mended = await self.test(problem=problem, solution=solution, entry_point=entry_point, test_loop=${shape.repair})`,
    "return mended['solution']",
  ];
}
