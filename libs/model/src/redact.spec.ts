import { describe, expect, it } from 'vitest';
import { createRedactor } from './redact.js';

describe('createRedactor', () => {
  it('takes out the given secrets, plain, URL-encoded and in base64', () => {
    const secret = 'p@ss/word+1';
    const redact = createRedactor([secret]);
    const text = `${secret} ${encodeURIComponent(secret)} ${Buffer.from(secret).toString('base64')}`;
    expect(redact(text)).toBe('[redacted] [redacted] [redacted]');
  });

  it.each([
    ['key sk-proj-abcdef12345678 is wrong', 'key [redacted] is wrong'],
    ['key sk-ab****************wxyz', 'key [redacted]'],
    ['authorization header Bearer abc.def.ghi', 'authorization header Bearer [redacted]'],
    ['GET /v1?api_key=0123456789&x=1', 'GET /v1?api_key=[redacted]&x=1'],
    ['{"password":"hunter22"}', '{"password":"[redacted]"}'],
    ['http://user:hunter22@host/v1', 'http://[redacted]@host/v1'],
  ])('takes out what looks like a key: %s', (text, expected) => {
    expect(createRedactor([])(text)).toBe(expected);
  });

  it.each([
    'maximum context length is 8192 tokens',
    'model sk not found',
    "field 'max_tokens' must be 5 or more",
  ])('leaves other text alone: %s', (text) => {
    expect(createRedactor([''])(text)).toBe(text);
  });
});
