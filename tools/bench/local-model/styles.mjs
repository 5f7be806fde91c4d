// Ways to ask a small chat model for a function. Each gives the messages and what
// stands before the answer in the program.

const begun = (problem) => `${problem.trimEnd()}\n   `;
const fenced = (problem) => '```python\n' + problem.trimEnd() + '\n```';
const stops = ['\n```', '\ndef ', '\nclass ', '\nif __name__', '\nprint(', '\nassert ', '\n# '];

const continued = (user, system) => (problem) => ({
  messages: [
    ...(system === undefined ? [] : [{ role: 'system', content: system }]),
    { role: 'user', content: user(problem) },
    { role: 'assistant', content: '```python\n' + begun(problem) },
  ],
  before: begun(problem),
  stop: stops,
});

/** The problem without the docstring of its last function. */
const signature = (problem) =>
  problem.slice(0, problem.search(/\s*("""|''')(?![\s\S]*\ndef )/)).trimEnd() + '\n   ';

const signed = (user) => (problem) => ({
  messages: [
    { role: 'user', content: user(problem) },
    { role: 'assistant', content: '```python\n' + signature(problem) },
  ],
  before: signature(problem),
  stop: stops,
});

export const styles = {
  'signature-plain': signed((problem) => `Complete this Python function:\n\n${problem}`),
  'signature-write': signed((problem) => `Write this Python function:\n\n${problem}`),
  'signature-fenced': signed((problem) => `Complete the following Python function.\n\n${fenced(problem)}`),
  'complete-fenced': continued((problem) => `Complete the following Python function.\n\n${fenced(problem)}`),
  'complete-plain': continued((problem) => `Complete this Python function:\n\n${problem}`),
  'problem-only': continued((problem) => problem),
  'correct-fenced': continued(
    (problem) =>
      `Write a correct Python function that satisfies its docstring and its examples.\n\n${fenced(problem)}`,
  ),
  'system-fenced': continued(
    (problem) => `Complete the following Python function.\n\n${fenced(problem)}`,
    'You are an expert Python programmer.',
  ),
  'short-user': continued(() => 'Complete the Python function.'),
  // Two controls: only the fence begun, and nothing begun.
  'fence-only': (problem) => ({
    messages: [
      { role: 'user', content: `Complete the following Python function.\n\n${fenced(problem)}` },
      { role: 'assistant', content: '```python\n' },
    ],
    before: '',
    stop: ['\n```'],
  }),
  'nothing-begun': (problem) => ({
    messages: [
      {
        role: 'user',
        content: `Complete the following Python function. Answer with code only.\n\n${fenced(problem)}`,
      },
    ],
    before: '',
    stop: [],
  }),
};

/** The program that an answer makes. */
export function programOf(style, problem, answer) {
  const { before } = styles[style](problem);
  if (before !== '') return before + answer;
  const block = /```(?:python)?\n([\s\S]*?)(?:\n```|$)/.exec(answer);
  const code = block ? block[1] : answer;
  // Imports and helpers of the problem stay available.
  return `${problem.trimEnd()}\n    pass\n\n${code}`;
}
