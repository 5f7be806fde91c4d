import { describe, expect, it } from 'vitest';
import { FlowError } from '@flowreasoner/rpc';
import { parseChatRequest } from './chat-request.js';
import { MAX_GRAMMAR_LENGTH, MAX_MESSAGES, MAX_SAMPLES, MAX_STOP_LENGTH, MAX_STOPS } from './limits.js';

const user = { role: 'user', content: 'hi' };
const base = { model: 'm', messages: [user] };

function refusal(extra: object): { field: string | undefined; reason: string; message: string } {
  try {
    parseChatRequest({ ...base, ...extra });
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    expect(error.code).toBe('INVALID_ARGUMENT');
    return { field: error.options.fieldViolations?.[0]?.field, reason: error.reason, message: error.message };
  }
  throw new Error('the request was accepted');
}

describe('parseChatRequest', () => {
  it('fills in defaults', () => {
    const request = parseChatRequest(base);
    expect(request).toMatchObject({ model: 'm', stream: false, includeUsage: false });
    expect(request.generation).toMatchObject({
      samples: 1,
      job: { messages: [user], temperature: 1, topP: 1, topK: 40, minP: 0, stop: [] },
    });
    expect(request.generation.job.maxTokens).toBeUndefined();
    expect(request.generation.job.constraint).toBeUndefined();
  });

  it('reads every field it supports', () => {
    const request = parseChatRequest({
      ...base,
      stream: true,
      stream_options: { include_usage: true },
      n: 3,
      seed: -7,
      temperature: 0,
      top_p: 0.5,
      top_k: -1,
      min_p: 0.1,
      max_completion_tokens: 12,
      stop: ['a', 'b'],
      grammar: 'root ::= "x"',
      user: 'u',
      metadata: { a: 'b' },
    });
    expect(request).toEqual({
      model: 'm',
      stream: true,
      includeUsage: true,
      generation: {
        seed: -7,
        samples: 3,
        job: {
          messages: [user],
          maxTokens: 12,
          temperature: 0,
          topP: 0.5,
          topK: 0,
          minP: 0.1,
          stop: ['a', 'b'],
          constraint: { kind: 'grammar', grammar: 'root ::= "x"' },
        },
      },
    });
  });

  it('takes text parts and the developer role', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    const request = parseChatRequest({ ...base, messages: [{ role: 'developer', content }, user] });
    expect(request.generation.job.messages[0]).toEqual({ role: 'system', content: 'ab' });
  });

  it('takes fields that ask for nothing', () => {
    const habits = {
      frequency_penalty: 0,
      presence_penalty: null,
      logprobs: false,
      tools: [],
      logit_bias: {},
    };
    expect(parseChatRequest({ ...base, ...habits, tool_choice: 'none' }).model).toBe('m');
  });

  it.each([
    ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['frequency_penalty', { frequency_penalty: 0.5 }],
    ['logprobs', { logprobs: true }],
    ['parallel_tool_calls', { parallel_tool_calls: true }],
    ['audio', { audio: { voice: 'x' } }],
    ['stream_options.include_obfuscation', { stream_options: { include_obfuscation: true } }],
    ['messages[0].tool_calls', { messages: [{ ...user, tool_calls: [{ id: '1' }] }] }],
  ])('refuses what it does not support, naming %s', (field, extra) => {
    expect(refusal(extra)).toMatchObject({ field, reason: 'UNSUPPORTED_FIELD' });
  });

  it.each([
    ['messages', { messages: [] }],
    ['messages', { messages: undefined }],
    ['messages', { messages: Array.from({ length: MAX_MESSAGES + 1 }, () => user) }],
    ['messages[0].role', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: null }] }],
    [
      'messages[0].content[0].type',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
    ],
    ['model', { model: 7 }],
    ['n', { n: 0 }],
    ['n', { n: MAX_SAMPLES + 1 }],
    ['seed', { seed: 1.5 }],
    ['temperature', { temperature: 2.1 }],
    ['top_p', { top_p: 0 }],
    ['max_tokens', { max_tokens: 0 }],
    ['max_tokens', { max_tokens: 5, max_completion_tokens: 5 }],
    ['stop[0]', { stop: [''] }],
    ['stop', { stop: Array.from({ length: MAX_STOPS + 1 }, () => 'x') }],
    ['stop', { stop: 'x'.repeat(MAX_STOP_LENGTH + 1) }],
    ['grammar', { grammar: 'x'.repeat(MAX_GRAMMAR_LENGTH + 1) }],
    ['grammar', { grammar: 'root ::= "x"', response_format: { type: 'json_object' } }],
    ['response_format.type', { response_format: { type: 'xml' } }],
    ['continue_final_message', { continue_final_message: true }],
    ['add_generation_prompt', { add_generation_prompt: false }],
  ])('refuses a wrong value, naming %s', (field, extra) => {
    const refused = refusal(extra);
    expect(refused.field).toBe(field);
    expect(refused.message).toContain(field);
  });

  it.each(['text', 7, null, []])('refuses a body that is not an object: %j', (body) => {
    expect(() => parseChatRequest(body)).toThrow(FlowError);
  });

  it('names what a JSON schema asks for in vain', () => {
    const format = (schema: object): object => ({
      response_format: { type: 'json_schema', json_schema: { name: 's', schema } },
    });
    const path = 'response_format.json_schema.schema';
    expect(refusal(format({ type: 'string', pattern: '^a' })).field).toBe(`${path}.pattern`);
    expect(refusal(format({ type: 'object', properties: { a: { not: {} } } })).field).toBe(
      `${path}.properties.a.not`,
    );
    expect(refusal(format({ type: 'array', items: { type: 'string' }, maxItems: 1e9 })).field).toBe(
      `${path}.maxItems`,
    );
    const nested = Array.from({ length: 40 }).reduce<object>(
      (inner) => ({ type: 'array', items: inner }),
      {},
    );
    expect(refusal(format(nested)).message).toContain('deeper than');
  });
});
