import type { ChatMessage } from '@flowreasoner/model';
import { isFunctionStub } from '../../text/function-stub.js';
import { extractCode } from '../../text/extract-code.js';
import type { PromptStyle } from '../../ports.js';

/** Version of the prompts of this file; memo entries of other versions are not used. */
export const CODE_PROMPT_VERSION = 1;

/** A question for code and how its answer becomes a program. */
export interface CodePrompt {
  readonly messages: readonly ChatMessage[];
  readonly stop: readonly string[];
  /** The program that an answer makes, reduced to what the entry point needs. */
  readonly programOf: (answer: string) => string;
}

/** What usually follows a finished function. */
const AFTER_FUNCTION = ['\n```', '\ndef ', '\nclass ', '\nif __name__', '\nprint(', '\nassert ', '\n# '];

/** What a question for code is about. */
export interface CodeQuestion {
  readonly problem: string;
  readonly entryPoint: string;
  /** What the workflow adds; may be empty. */
  readonly instruction: string;
  /** What went wrong with an earlier program; empty for the first try. */
  readonly feedback: string;
}

/** Asks for a Python program in the style that suits the model. */
export function codePrompt(style: PromptStyle, question: CodeQuestion): CodePrompt {
  if (style === 'chat') return chatPrompt(question);
  return isFunctionStub(question.problem, question.entryPoint) ? continued(question) : begun(question);
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part.trim() !== '').join('\n\n');
}

function fenced(code: string): string {
  return `\`\`\`python\n${code.trimEnd()}\n\`\`\``;
}

/** The answer is begun with the function itself, so that the model only writes its body. */
function continued({ problem, entryPoint, instruction, feedback }: CodeQuestion): CodePrompt {
  const before = `${problem.trimEnd()}\n   `;
  const user = join([instruction, 'Complete the following Python function.', fenced(problem), feedback]);
  return {
    messages: [
      { role: 'user', content: user },
      { role: 'assistant', content: `\`\`\`python\n${before}` },
    ],
    stop: AFTER_FUNCTION,
    programOf: (answer) => extractCode(before + answer, entryPoint),
  };
}

/** The answer is begun with a code block. */
function begun({ problem, entryPoint, instruction, feedback }: CodeQuestion): CodePrompt {
  const before = entryPoint === '' ? '' : `def ${entryPoint}(`;
  const named = entryPoint === '' ? '' : `Write the Python function \`${entryPoint}\`.`;
  return {
    messages: [
      { role: 'user', content: join([instruction, problem, named, feedback]) },
      { role: 'assistant', content: `\`\`\`python\n${before}` },
    ],
    stop: ['\n```'],
    programOf: (answer) => extractCode(before + answer, entryPoint),
  };
}

function chatPrompt({ problem, entryPoint, instruction, feedback }: CodeQuestion): CodePrompt {
  const target =
    entryPoint === ''
      ? 'Answer with one Python code block.'
      : `Answer with one Python code block that defines \`${entryPoint}\` and everything it needs.`;
  return {
    messages: [{ role: 'user', content: join([instruction, problem, feedback, target]) }],
    stop: [],
    programOf: (answer) => extractCode(answer, entryPoint),
  };
}
