/** What a worker model is told besides the problem. */
export interface Instruction {
  readonly name: string;
  /** Empty means that nothing is added to the operator's own prompt. */
  readonly text: string;
}

/** Instructions for code, the plain one first. */
export const codeInstructions: readonly [Instruction, ...Instruction[]] = [
  { name: 'PLAIN', text: '' },
  {
    name: 'EXAMPLES',
    text: 'Work through the examples in the problem first. Then write code that gives exactly their results.',
  },
  {
    name: 'EDGE_CASES',
    text: 'Think of empty inputs, single items, negative numbers, repeated values and ties before you write the code.',
  },
  {
    name: 'SIMPLE',
    text: 'Write the simplest correct code you can. Use the standard library where it helps.',
  },
  {
    name: 'FAST',
    text: 'Write code that stays fast for large inputs: avoid repeated work and needless nested loops.',
  },
  {
    name: 'STEPS',
    text: 'First say in a few comment lines how the result is computed, step by step. Then write the whole function.',
  },
];

/** Instructions for answers in text, the plain one first. */
export const answerInstructions: readonly [Instruction, ...Instruction[]] = [
  { name: 'PLAIN', text: 'Answer the question. End with the answer alone on the last line.' },
  { name: 'STEPS', text: 'Think step by step. End with the answer alone on the last line.' },
  {
    name: 'CHECK',
    text: 'Solve it, check the result in another way, and mend it if needed. End with the answer alone on the last line.',
  },
  { name: 'BRIEF', text: 'Answer with the result alone, as briefly as the question allows.' },
];
