import { OperatorError } from '@flowreasoner/workflow';
import { extractCode } from '../text/extract-code.js';
import { countArgument, entryPointArgument, stringArgument, textArgument } from './arguments.js';
import { stubOf } from './code-question.js';
import {
  SAMPLING_TEMPERATURE,
  type Operator,
  type OperatorContext,
  type OperatorResult,
} from './operator.js';
import { codePrompt, CODE_PROMPTS } from './prompts/code.js';
import { repairFeedback, REPAIR_PROMPTS } from './prompts/repair.js';
import { describeFailures, passedAll } from './verdicts.js';

/** Greatest number of repairs of one call. */
const MAX_LOOPS = 20;

/**
 * Entry points of HumanEval and of MBPP for which AFlow's files hold an empty
 * public test, so that its operator passes any solution.
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
 * Runs a solution on the visible checks and lets a model repair it up to
 * `test_loop` times. The result is True when all pass, False when they don't,
 * with the solution that passed most; without visible checks it is None, with the
 * solution as it was given: neither passed nor failed.
 *
 * AFlow's way: the solution is run as it was given and the last one tried is given
 * back; without visible checks any solution of a listed entry point passes, and
 * there is a TypeError for every other.
 */
export const test: Operator = {
  name: 'test',
  prompts: [CODE_PROMPTS, REPAIR_PROMPTS],
  standard: async (context) =>
    context.task.visibleChecks === undefined
      ? { result: null, solution: stringArgument(context.arguments, 'solution') }
      : testAndRepair(context, 'best'),
  compatible: async (context) => {
    if (context.task.visibleChecks !== undefined) return testAndRepair(context, 'last');
    const entryPoint = entryPointArgument(context.arguments, context.task);
    if (!UNTESTED_ENTRY_POINTS.has(entryPoint))
      throw new OperatorError('TypeError', `there is no public test of '${entryPoint}'`);
    return { result: true, solution: stringArgument(context.arguments, 'solution') };
  },
};

async function testAndRepair(context: OperatorContext, kept: 'best' | 'last'): Promise<OperatorResult> {
  const loops = countArgument(context.arguments, 'test_loop', 3, 0, MAX_LOOPS);
  const problem = textArgument(context.arguments, 'problem', context.task.problem);
  const entryPoint = entryPointArgument(context.arguments, context.task);
  const stub = stubOf(context, problem, entryPoint);
  const given = stringArgument(context.arguments, 'solution');
  let solution = kept === 'last' ? given : extractCode(given, entryPoint, stub);
  let best = { solution, passed: -1 };
  for (let loop = 0; ; loop += 1) {
    const verdict = await context.grade(`grade${loop}`, solution);
    if (passedAll(verdict)) return { result: true, solution };
    if (verdict.passed > best.passed) best = { solution, passed: verdict.passed };
    if (loop === loops) return { result: false, solution: kept === 'best' ? best.solution : solution };
    const feedback = repairFeedback(context.promptStyle, solution, describeFailures(verdict));
    const question = { problem, entryPoint, stub, instruction: '', feedback };
    const { messages, stop, programOf } = codePrompt(context.promptStyle, question);
    const temperature = repairTemperature(context, loop);
    solution = programOf(await context.ask(`repair${loop}`, { messages, stop, temperature }));
  }
}

/** A model that reasons gets one greedy try; others, and further tries, are only worth something when they differ. */
function repairTemperature({ promptStyle, isFirstTurn }: OperatorContext, loop: number): number {
  return promptStyle === 'chat' && isFirstTurn && loop === 0 ? 0 : SAMPLING_TEMPERATURE;
}
