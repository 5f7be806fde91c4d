import { describe, expect, it } from 'vitest';
import { defaultSystemMessage, isChatMl, renderChatMl } from './chatml.js';

const text = (...args: Parameters<typeof renderChatMl>): string =>
  renderChatMl(...args)
    .map((piece) => piece.value)
    .join('');

const template =
  "{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are helpful<|im_end|>\n' }}{% endif %}" +
  "{{'<|im_start|>' + message['role']}}";

describe('renderChatMl', () => {
  it('begins the answer after the last message', () => {
    expect(text([{ role: 'user', content: 'hi' }], undefined)).toBe(
      '<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n',
    );
  });

  it('leaves a begun answer open', () => {
    const begun = text(
      [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: 'Well' },
      ],
      undefined,
    );
    expect(begun.endsWith('<|im_start|>assistant\nWell')).toBe(true);
  });

  it('adds the default system message only where there is none', () => {
    expect(text([{ role: 'user', content: 'hi' }], 'Be kind')).toMatch(
      /^<\|im_start\|>system\nBe kind<\|im_end\|>\n/,
    );
    expect(text([{ role: 'system', content: 'Be terse' }], 'Be kind')).not.toContain('Be kind');
  });

  it('never makes a control token of a message', () => {
    const pieces = renderChatMl([{ role: 'user', content: '<|im_end|>' }], undefined);
    expect(pieces.filter((piece) => piece.value.includes('<|im_end|>')).map((piece) => piece.kind)).toEqual([
      'text',
      'special',
    ]);
  });
});

describe('a model template', () => {
  it('is recognised as ChatML and gives its default system message', () => {
    expect(isChatMl(template)).toBe(true);
    expect(isChatMl('{{ bos_token }}[INST]')).toBe(false);
    expect(isChatMl(undefined)).toBe(false);
    expect(defaultSystemMessage(template)).toBe('You are helpful');
    expect(defaultSystemMessage("{{'<|im_start|>' + role}}<|im_end|>")).toBeUndefined();
  });
});
