/** Version of the prompts of this file. */
export const REPAIR_PROMPT_VERSION = 1;

/** What a model is told about a program that failed. */
export function repairFeedback(program: string, failures: string): string {
  return [
    'An earlier solution is wrong:',
    `\`\`\`python\n${program.trimEnd()}\n\`\`\``,
    `These tests fail:\n${failures}`,
    'Find the mistake and write a correct solution.',
  ].join('\n\n');
}
