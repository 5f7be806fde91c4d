import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definesFunction, extractCode } from './extract-code.js';
import { extractFields } from './fields.js';
import { topStatements } from './python-tree.js';
import { reduceCode } from './reduce-code.js';

// What a model can answer: whatever it is, reading it ends soon and with a value.

const FIELDS = ['thought', 'answer', 'solution_letter'];
/** Length of a hostile text, in characters. */
const HOSTILE_LENGTH = 100_000;
/** Milliseconds of processor time: far above what any takes, far below what quadratic time would take. */
const MAX_MS = 3_000;

const markup = fc.constantFrom(
  ...['<answer>', '</answer>', '<Answer x="', '>', '<', '"', "'", '<thought', '</thought>', '&amp;', '&#0;'],
  ...['<![CDATA[', ']]>', '```', '```python', '\n', ' ', '<solution-letter>', 'a', '\u0000', '\ud800'],
);
const code = fc.constantFrom(
  ...['def f(x):\n', '    return x\n', '\n', 'import os\n', 'x = ', 'y', '(', ')', '[', ']', '"""', "'", ':'],
  ...[
    '```python\n',
    '```\n',
    '    ',
    '\t',
    'class A:\n',
    '@f\n',
    'lambda x: ',
    'if x:\n',
    'try:\n',
    'else:\n',
  ],
  ...['\\', '\u0000', 'f', '1', ' ', '#', '**', 'async ', 'await '],
);

/** Texts of pieces, and of one piece or two again and again. */
function texts(piece: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const mixed = fc.array(fc.oneof({ weight: 4, arbitrary: piece }, fc.string()), { maxLength: 60 });
  return mixed.map((pieces) => pieces.join(''));
}

function hostile(piece: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(texts(piece), fc.array(piece, { minLength: 1, maxLength: 4 }), texts(piece))
    .map(([before, repeated, after]) => {
      const unit = repeated.join('');
      return `${before}${unit.repeat(Math.ceil(HOSTILE_LENGTH / unit.length)).slice(0, HOSTILE_LENGTH)}${after}`;
    });
}

function expectSoon(work: () => unknown): void {
  const before = process.threadCpuUsage();
  work();
  expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(MAX_MS);
}

describe('extractFields', () => {
  it('gives parts of any text under the names that were asked for', () => {
    fc.assert(
      fc.property(texts(markup), (text) => {
        for (const [name, content] of extractFields(text, FIELDS)) {
          expect(FIELDS).toContain(name);
          expect(content.length).toBeLessThanOrEqual(text.length);
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('gives back whatever stands between clean tags', () => {
    const plain = fc.string().map((text) => text.replace(/[<&`]/g, '').trim());
    fc.assert(
      fc.property(plain, plain, (thought, answer) => {
        const fields = extractFields(`<thought>${thought}</thought>\n<answer>\n${answer}\n</answer>`, FIELDS);
        expect([fields.get('thought'), fields.get('answer')]).toEqual([thought, answer]);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('ends soon on large texts', () => {
    fc.assert(
      fc.property(hostile(markup), (text) => expectSoon(() => extractFields(text, FIELDS))),
      { seed: 1, numRuns: 40 },
    );
  });
});

describe('extractCode and reduceCode', () => {
  it('keep the definition of the entry point wherever it was', () => {
    fc.assert(
      fc.property(texts(code), (text) => {
        const extracted = extractCode(text, 'f');
        if (definesFunction(text, 'f')) expect(definesFunction(extracted, 'f')).toBe(true);
        const reduced = reduceCode([text], 'f');
        const defines = topStatements(text).some(
          ({ kind, defines: names }) => kind === 'FunctionDefinition' && names.has('f'),
        );
        if (defines) expect(topStatements(reduced ?? '').some((one) => one.defines.has('f'))).toBe(true);
      }),
      { seed: 1, numRuns: 1_000 },
    );
  });

  it('keep a whole function with all that it uses, between anything else', () => {
    const whole = 'def g(y):\n    return y + LIMIT\n\n\ndef f(x):\n    return g(x)\n';
    const other = fc.constantFrom(
      'print(f(1))\n',
      'import os\n',
      'z = 1\n',
      'assert f(1)\n',
      'def h():\n    pass\n',
    );
    fc.assert(
      fc.property(fc.array(other), fc.array(other), (before, after) => {
        const text = `LIMIT = 3\n${before.join('')}${whole}${after.join('')}`;
        const reduced = `LIMIT = 3\n\n${whole.replace('\n\n\n', '\n\n')}`;
        expect(reduceCode([text], 'f')).toBe(reduced);
        expect(extractCode(`Here:\n\`\`\`python\n${text}\`\`\`\nDone.`, 'f')).toBe(reduced);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('end soon on large texts', () => {
    fc.assert(
      fc.property(hostile(code), (text) => expectSoon(() => extractCode(text, 'f'))),
      { seed: 1, numRuns: 40 },
    );
  });

  it.each([
    ['lambdas', `def f(x):\n    return ${'lambda y: '.repeat(6_000)}x`],
    ['brackets', `def f(x):\n    return ${'('.repeat(60_000)}`],
    ['blocks that were cut off', '```python\ndef f(x):\n    return (x\n```\n'.repeat(2_500)],
    ['lines of one that was cut off', `def f(x):\n    return [\n${'        (x,\n'.repeat(5_000)}`],
    ['definitions', 'def f(x):\n    return x\n'.repeat(2_600)],
    ['names', `def f(x):\n    return x\n${'a = f = a\n'.repeat(6_000)}`],
  ])('end soon on many %s', (_, text) => {
    expectSoon(() => extractCode(text, 'f'));
  });
});
