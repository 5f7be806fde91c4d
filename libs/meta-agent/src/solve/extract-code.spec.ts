import { describe, expect, it } from 'vitest';
import { extractCode } from './extract-code.js';

describe('extracting code', () => {
  it.each([
    ['no fence', 'def f(): pass', 'def f(): pass'],
    ['one fence', 'Here:\n```python\ndef f(): pass\n```\nDone.', 'def f(): pass'],
    ['the last Python fence', '```python\na\n```\n```py\nb\n```\n```text\nc\n```', 'b'],
    ['a fence without a language', '```\na\n```', 'a'],
    ['a fence that is never closed', '```python\nx = 1\ny = 2', 'x = 1\ny = 2'],
    ['a fence of tildes', '~~~python\nx\n~~~', 'x'],
    ['nothing', '', ''],
  ])('takes %s', (_, answer, code) => {
    expect(extractCode(answer)).toBe(code);
  });
});
