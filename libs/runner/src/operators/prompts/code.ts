import type { ChatMessage } from '@flowreasoner/model';
import type { PromptStyle } from '../../ports.js';
import { extractCode } from '../../text/extract-code.js';
import { signatureIn, withoutDocstring } from '../../text/function-stub.js';
import type { PromptSet } from './prompt-set.js';

/** The prompts of this file. */
export const CODE_PROMPTS: PromptSet = { name: 'code', version: 4 };

/** What usually follows a finished function. */
const AFTER_FUNCTION = ['\n```', '\ndef ', '\nclass ', '\nif __name__', '\nprint(', '\nassert ', '\n# '];

/** What a question for code is about. */
export interface CodeQuestion {
  readonly problem: string;
  /** Function that the program must define; empty for none. */
  readonly entryPoint: string;
  /** Program that ends with the signature and docstring of the entry point; empty for none. */
  readonly stub: string;
  /** What the workflow adds; may be empty. */
  readonly instruction: string;
  /** What went wrong with an earlier program; empty for the first try. */
  readonly feedback: string;
}

/** A question for code and how its answer becomes a program. */
export interface CodePrompt {
  readonly messages: readonly ChatMessage[];
  readonly stop: readonly string[];
  /** The program that an answer makes, reduced to what the entry point needs. */
  readonly programOf: (answer: string) => string;
}

/** Asks for a Python program in the style that suits the model. */
export function codePrompt(style: PromptStyle, question: CodeQuestion): CodePrompt {
  if (style === 'chat') return asked(question);
  return question.stub === '' ? begun(question) : continued(question);
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part.trim() !== '').join('\n\n');
}

/** A question whose answer is begun; the model goes on with it. */
function beginning(
  user: string,
  before: string,
  stop: readonly string[],
  question: CodeQuestion,
): CodePrompt {
  const assistant = `\`\`\`python\n${before}`;
  return {
    messages: [
      { role: 'user', content: user },
      { role: 'assistant', content: assistant },
    ],
    stop,
    programOf: (answer) => extractCode(assistant + answer, question.entryPoint, question.stub),
  };
}

/**
 * The answer is begun with the function's signature, so that the model only
 * writes its body. Leaving the docstring out of what is begun costs fewer tokens
 * and lets twice as many samples pass (tools/bench/local-model).
 */
function continued(question: CodeQuestion): CodePrompt {
  const { problem, stub, instruction, feedback } = question;
  const task =
    problem.trim() === stub.trim()
      ? `Complete the following Python function.\n\n\`\`\`python\n${stub}\n\`\`\``
      : problem;
  return beginning(
    join([instruction, task, feedback]),
    `${withoutDocstring(stub)}\n   `,
    AFTER_FUNCTION,
    question,
  );
}

/** The answer is begun with a code block and the signature in the problem, or else the function's name. */
function begun(question: CodeQuestion): CodePrompt {
  const { problem, entryPoint, instruction, feedback } = question;
  if (entryPoint === '') return beginning(join([instruction, problem, feedback]), '', ['\n```'], question);
  const user = join([instruction, problem, feedback, `Write the Python function \`${entryPoint}\`.`]);
  const signature = signatureIn(problem, entryPoint);
  return signature === undefined
    ? beginning(user, `def ${entryPoint}(`, ['\n```'], question)
    : beginning(user, `${signature}\n   `, AFTER_FUNCTION, question);
}

/** A plain question. */
function asked({ problem, entryPoint, stub, instruction, feedback }: CodeQuestion): CodePrompt {
  const target =
    entryPoint === ''
      ? 'Answer with one Python code block.'
      : `Answer with one Python code block that defines \`${entryPoint}\` and everything it needs.`;
  return {
    messages: [{ role: 'user', content: join([instruction, problem, feedback, target]) }],
    stop: [],
    programOf: (answer) => extractCode(answer, entryPoint, stub),
  };
}
