import { countArgument, textArgument } from './arguments.js';
import { extractCode } from '../text/extract-code.js';
import {
  SAMPLING_TEMPERATURE,
  type Operator,
  type OperatorContext,
  type OperatorResult,
} from './operator.js';
import { codePrompt } from './prompts/code.js';
import { repairFeedback } from './prompts/repair.js';
import { describeFailures, passedAll } from './verdicts.js';

/** Greatest number of repairs of one call. */
const MAX_LOOPS = 10;

/**
 * HumanEval and MBPP entry points without a public test, for which AFlow's
 * operator passes any solution.
 */
const UNTESTED_ENTRY_POINTS: ReadonlySet<string> = new Set([
  'find_zero',
  'decode_cyclic',
  'decode_shift',
  'by_length',
  'add',
  'triangle_area',
  'correct_bracketing',
  'solve',
  'sum_squares',
  'starts_one_ends',
  'remove_odd',
  'replace_spaces',
  'snake_to_camel',
  'Split',
  'swap_List',
  'square_Sum',
  'sort_sublists',
  'unique_sublists',
]);

/**
 * Runs a solution on the visible checks and lets a model repair it. Without
 * visible checks the result is None: neither passed nor failed.
 */
export const test: Operator = {
  name: 'test',
  standard: (context) =>
    context.task.visibleChecks === undefined
      ? Promise.resolve({ result: null, solution: solutionOf(context) })
      : testAndRepair(context),
  compatible: (context) =>
    context.task.visibleChecks === undefined
      ? Promise.resolve({
          result: UNTESTED_ENTRY_POINTS.has(entryPointOf(context)),
          solution: solutionOf(context),
        })
      : testAndRepair(context),
};

function entryPointOf(context: OperatorContext): string {
  return textArgument(context.arguments, 'entry_point', context.task.entryPoint);
}

function solutionOf(context: OperatorContext): string {
  return extractCode(textArgument(context.arguments, 'solution'), entryPointOf(context));
}

async function testAndRepair(context: OperatorContext): Promise<OperatorResult> {
  const loops = countArgument(context.arguments, 'test_loop', 3, 0, MAX_LOOPS);
  const problem = textArgument(context.arguments, 'problem', context.task.problem);
  let solution = solutionOf(context);
  for (let loop = 0; ; loop += 1) {
    const verdict = await context.grade(`grade${loop}`, solution);
    if (passedAll(verdict)) return { result: true, solution };
    if (loop === loops) return { result: false, solution };
    const { messages, stop, programOf } = codePrompt(context.promptStyle, {
      problem,
      entryPoint: entryPointOf(context),
      instruction: '',
      feedback: repairFeedback(solution, describeFailures(verdict)),
    });
    const temperature = loop === 0 && context.isFirstTurn ? 0 : SAMPLING_TEMPERATURE;
    solution = programOf(await context.ask(`repair${loop}`, { messages, stop, temperature }));
  }
}
