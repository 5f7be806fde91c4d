import { describe, expect, it } from 'vitest';
import { extractFields } from './fields.js';

const answerOf = (text: string): string | undefined =>
  extractFields(text, ['thought', 'answer', 'solution_letter']).get('answer');

describe('extractFields', () => {
  it.each([
    ['clean fields', '<thought>t</thought>\n<answer>5</answer>', '5'],
    ['text around', 'Sure! <thought>t</thought> so <answer>5</answer> is it.', '5'],
    ['capitals and white space', '<ANSWER>\n 5 \n</Answer>', '5'],
    ['attributes', '<answer type="int" unit=\'m\'>5</answer>', '5'],
    ['a sign in an attribute', '<answer unit="x > y" note=\'</answer>\'>5</answer>', '5'],
    ['a quote without an end', '<answer it="s>5</answer>', '5'],
    ['an apostrophe in a tag', "<answer it's>5</answer>", '5'],
    ['a missing closing tag', '<thought>t</thought><answer>5', '5'],
    ['a missing closing tag before another field', '<answer>5\n<thought>t</thought>', '5'],
    ['a tag that is mentioned first', 'I use <answer> tags.\n<answer>5</answer>', '5'],
    ['a tag that is mentioned last', '<answer>5</answer>\nI used the <answer> tag.', '5'],
    ['a draft', '<answer>4</answer> No:\n<answer>5</answer>', '5'],
    ['a draft inside another field', '<thought><answer>4</answer>?</thought><answer>5</answer>', '5'],
    ['the same tag twice', '<answer><answer>5</answer></answer>', '5'],
    ['a tag inside itself', '<answer>the <answer> tag</answer></answer>', 'the <answer> tag</answer>'],
    ['CDATA', '<answer><![CDATA[ a < b ]]></answer>', 'a < b'],
    ['CDATA with tags inside', '<answer><![CDATA[</answer> <answer>]]></answer>', '</answer> <answer>'],
    ['CDATA without an end', '<answer><![CDATA[ a < b </answer>', 'a < b'],
    ['entities', '<answer>a &lt; b &amp;&amp; c &#62; &#x64;</answer>', 'a < b && c > d'],
    ['code that handles entities', '<answer>s.replace("&", "&amp;")</answer>', 's.replace("&", "&amp;")'],
    ['code with signs', '<answer>if a < b and c > d: x &= y</answer>', 'if a < b and c > d: x &= y'],
    ['a fence around all', '```xml\n<thought>t</thought>\n<answer>5\n```', '5'],
    ['a fence inside', '<answer>\n```python\nx = 1\n```\n</answer>', 'x = 1'],
    ['text and a fence inside', '<answer>so\n```\nx\n```\n</answer>', 'so\n```\nx\n```'],
    ['entities without a character', '<answer>&#0; &#x110000; &lt;</answer>', '&#0; &#x110000; <'],
    ['longer names', '<answers>6</answers><answer>5</answer>', '5'],
    ['nothing in it', '<answer></answer>', ''],
  ])('reads %s', (_, text, expected) => {
    expect(answerOf(text)).toBe(expected);
  });

  it('reads names with spaces or hyphens for underscores', () => {
    const names = ['solution_letter'];
    for (const tag of ['solution_letter', 'Solution Letter', 'solution-letter', 'solutionletter']) {
      expect(extractFields(`<${tag}>B</${tag}>`, names).get('solution_letter')).toBe('B');
    }
  });

  it('has no entry for a field that is not there', () => {
    expect(extractFields('5', ['answer']).has('answer')).toBe(false);
    expect(extractFields('5</answer>', ['answer']).has('answer')).toBe(false);
  });

  it.each([
    ['opening tags', '<answer>'.repeat(20_000)],
    ['CDATA openings', '<![CDATA['.repeat(20_000)],
    ['angle brackets', '<'.repeat(200_000)],
    ['blanks in a tag', `<answer${' '.repeat(200_000)}`],
    ['pairs side by side', '<answer></answer>'.repeat(20_000)],
    ['quotes without an end', '<answer x="'.repeat(20_000)],
    ['nested pairs', '<answer>'.repeat(5_000) + '</answer>'.repeat(5_000)],
  ])('takes many %s in bounded time', (_, text) => {
    const before = process.threadCpuUsage();
    extractFields(text, ['answer', 'thought']);
    expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(2_000);
  });
});
