import { isFunctionStub } from '../text/function-stub.js';
import { entryPointArgument, stringArgument } from './arguments.js';
import type { OperatorContext } from './operator.js';
import type { CodeQuestion } from './prompts/code.js';

/** The question that a call with `problem`, `entry_point` and `instruction` asks. */
export function codeQuestion(context: OperatorContext): CodeQuestion {
  const problem = stringArgument(context.arguments, 'problem', context.task.problem);
  const entryPoint = entryPointArgument(context.arguments, context.task);
  return {
    problem,
    entryPoint,
    stub: stubOf(context, problem, entryPoint),
    instruction: stringArgument(context.arguments, 'instruction'),
    feedback: '',
  };
}

/**
 * The function stub that a problem is about: the problem itself, or the task's
 * where a workflow has added words to it; empty where there is none.
 */
export function stubOf(context: OperatorContext, problem: string, entryPoint: string): string {
  const known = context.task.problem;
  for (const stub of [problem, known]) {
    if (problem.includes(stub.trim()) && isFunctionStub(stub, entryPoint)) return stub.trimEnd();
  }
  return '';
}
