import { afterAll, describe, expect, it } from 'vitest';
import { createExpressionComparer } from './compare-expressions.js';
import { judgeMath } from './judge-math.js';

const comparer = createExpressionComparer();
afterAll(() => comparer.close());

/** Expected answer, given answer. */
const equal: readonly (readonly [string, string])[] = [
  // Numbers
  ['36', '36'],
  ['36', '36.0'],
  ['36', 'The answer is 36.'],
  ['65,960', '65960'],
  ['65960', '$65,960'],
  ['65960', '65{,}960'],
  ['1000000', '1\\,000\\,000'],
  ['0.5', '\\frac{1}{2}'],
  ['\\frac{1}{2}', '1/2'],
  ['\\frac12', '0.5'],
  ['-\\frac{31}{8}', '-3.875'],
  ['\\frac{-1}{16}', '-1/16'],
  ['\\dfrac{39}{64}', '\\tfrac{39}{64}'],
  ['\\frac{2}{4}', '\\frac{1}{2}'],
  ['1 \\frac{1}{2}', '3/2'],
  ['.5', '0.50'],
  ['1024', '2^{10}'],
  ['3628800', '10!'],
  ['3000', '3 \\times 10^3'],
  ['0.003', '3e-3'],
  ['-5', '\u22125'],
  ['\\frac{1}{3}', '0.3333'],
  ['\\pi', '\u03c0'],
  ['7', 'Adding them up gives 3 + 4, so we need 7 apples in total.'],
  ['42', 'so we get\n#### 42'],
  ['18', 'First 3. Then \\boxed{6}. So the result is $\\boxed{18}$, as wanted.'],
  ['4', 'therefore the value is $x = 4$'],
  // Percents, money, units
  ['28\\%', '28'],
  ['28\\%', '28%'],
  ['28\\%', '0.28'],
  ['0.28', '28 percent'],
  ['7.78', '\\$7.78'],
  ['800', '800 square feet'],
  ['5.4 \\text{ cents}', '5.4'],
  ['100\\text{ square units}', '100'],
  ['120^\\circ', '120'],
  ['120', '120 degrees'],
  ['12', '12\\text{ cm}^2'],
  ['9', '9 meters'],
  ['60', '60 km/h'],
  // Expressions
  ['14+7\\sqrt{2}', '7(2+\\sqrt{2})'],
  ['\\frac{6\\sqrt{10}}{7}', '\\frac{6}{7}\\sqrt{10}'],
  ['\\frac{\\sqrt{35}}{3}', 'sqrt(35)/3'],
  ['36\\sqrt{3}', '36 \\cdot \\sqrt3'],
  ['2\\sqrt{2}', '\u221a8'],
  ['-2 + \\sqrt{3}', '\\sqrt{3}-2'],
  ['5k', 'k \\cdot 5'],
  ['(x+1)^2', 'x^2+2x+1'],
  ['x^2-1', '(x-1)(x+1)'],
  ['2\\pi r', 'r \\cdot 2 \\pi'],
  ['\\frac{x^2-1}{x-1}', 'x+1'],
  ['2x', 'x*2'],
  ['a+b', 'b+a'],
  ['\\sin(\\pi/6)', '0.5'],
  ['\\log_2 8', '3'],
  ['\\binom{5}{2}', '10'],
  ['y = 2x + 3', 'y=3+2x'],
  ['x = 5', '5'],
  ['5', 'x = 5'],
  // Tuples, sets, intervals, matrices
  ['(3,-3,1)', '(3, -3, 1)'],
  ['\\left( \\frac{7}{45}, \\frac{4}{45} \\right)', '(7/45, 4/45)'],
  ['(3,4)', 'x = (3,4)'],
  ['\\{1,2,3\\}', '\\{3, 1, 2\\}'],
  ['1,-2', '-2, 1'],
  ['1, 2', '\\{1,2\\}'],
  ['1, 2', '1 and 2'],
  ['x=1, x=2', '1 or 2'],
  ['2 \\pm \\sqrt{3}', '2-\\sqrt{3}, 2+\\sqrt{3}'],
  ['27^\\circ, 63^\\circ, 99^\\circ', '27, 63, 99'],
  ['[0,1)', '\\left[0, 1\\right)'],
  ['(-\\infty, 2]', '(-inf, 2]'],
  ['(-\\infty,0) \\cup (1,\\infty)', '(1,\\infty)\\cup(-\\infty,0)'],
  ['x \\in [0,1]', '[0,1]'],
  ['\\begin{pmatrix} 1/5 \\\\ -18/5 \\end{pmatrix}', '\\begin{bmatrix} 0.2 \\\\ -3.6 \\end{bmatrix}'],
  ['\\begin{pmatrix} 1/5 \\\\ -18/5 \\end{pmatrix}', '\\begin{pmatrix}1/5\\\\-18/5\\end{pmatrix}'],
  // Words and other texts
  ['\\text{MAKE}', 'make'],
  ['\\text{Devon}', '\\text{ Devon }'],
  ['\\text{C,E}', 'E, C'],
  ['A', '(A)'],
  ['1112112_3', '1112112_{3}'],
  ['4\\pmod 5', '4'],
];

const unequal: readonly (readonly [string, string])[] = [
  ['36', '37'],
  ['36', '3.6'],
  ['36', '-36'],
  ['36', ''],
  ['36', 'I do not know'],
  ['36', '36x'],
  ['36', '(36, 1)'],
  ['1234', '1,23,4'],
  ['\\frac{1}{2}', '\\frac{2}{1}'],
  ['\\frac{1}{3}', '0.33'],
  ['\\pi', '3.14'],
  ['2.5', '25'],
  ['28\\%', '2.8'],
  ['28\\%', '28\\frac{1}{2}\\%'],
  ['14+7\\sqrt{2}', '14-7\\sqrt{2}'],
  ['5k', '5'],
  ['5k', '5m'],
  ['x+1', 'x-1'],
  ['(x+1)^2', 'x^2+1'],
  ['y = 2x+3', 'y = 2x-3'],
  ['(3,4)', '(4,3)'],
  ['(3,4)', '3,4,5'],
  ['[0,1)', '(0,1)'],
  ['[0,1]', '(0,1)'],
  ['\\{1,2\\}', '\\{1,2,3\\}'],
  ['\\{1,1,2\\}', '\\{1,2,2\\}'],
  ['(-\\infty,0) \\cup (1,\\infty)', '(-\\infty,0)'],
  ['\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}', '\\begin{pmatrix} 2 \\\\ 1 \\end{pmatrix}'],
  ['\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}', '\\begin{pmatrix} 1 & 2 \\end{pmatrix}'],
  ['\\text{Devon}', '\\text{Dover}'],
  ['x < 5', 'x > 5'],
  ['x < 5', '5'],
  ['0', '\\infty'],
  ['18', '\\boxed{18} is tempting, but it is \\boxed{19}'],
];

describe('judgeMath', () => {
  it.each(equal)('%s equals %s', async (expected, given) => {
    expect(await judgeMath({ accepted: [expected] }, given, comparer.compare)).toMatchObject({
      passed: true,
    });
  });

  it.each(unequal)('%s does not equal %s', async (expected, given) => {
    const verdict = await judgeMath({ accepted: [expected] }, given, comparer.compare);
    expect(verdict).toMatchObject({ passed: false, score: 0 });
    expect(verdict.feedback).toMatch(/not what was asked for|no answer/);
  });

  it('takes any of several accepted answers', async () => {
    const verdict = await judgeMath({ accepted: ['1', '2'] }, '2', comparer.compare);
    expect(verdict.passed).toBe(true);
  });
});
