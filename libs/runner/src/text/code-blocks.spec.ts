import { describe, expect, it } from 'vitest';
import { codeBlocks } from './code-blocks.js';

describe('codeBlocks', () => {
  it.each([
    ['one block', 'Here:\n```python\nx = 1\n```\nDone.', ['x = 1']],
    ['several blocks', '```\na\n```\ntext\n```py\nb\n```', ['a', 'b']],
    ['a block without an end', '```python\nx = 1\n', ['x = 1\n']],
    ['a block that the next one ends', '```python\na\n```python\nb\n```', ['a', 'b']],
    ['tildes with backticks inside', '~~~\n```\nx\n```\n~~~', ['```\nx\n```']],
    ['a longer fence with a shorter one inside', '````md\n```\nx\n```\n````', ['```\nx\n```']],
    ['an opening after words', 'Solution: ```python\nx\n```', ['x']],
    ['a block inside a list', '1. Do\n   ```python\n   if x:\n       y\n   ```', ['if x:\n    y']],
    ['Windows line ends', '```python\r\nx = 1\r\ny = 2\r\n```\r\n', ['x = 1\ny = 2']],
    ['blank blocks', '```\n\n```', []],
    ['no blocks', 'just `code` in text', []],
  ])('finds %s', (_, text, blocks) => {
    expect(codeBlocks(text)).toEqual(blocks);
  });

  it('takes a hostile line in bounded time', () => {
    const before = process.threadCpuUsage();
    codeBlocks(`${'`'.repeat(200_000)} x y`);
    expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(1_000);
  });
});
