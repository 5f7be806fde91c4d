import { FlowError } from '@flowreasoner/rpc';
import { describe, expect, it } from 'vitest';
import { checkBody } from '../http/check-body.js';
import { chatRequestSchema } from './chat-schema.js';
import { toSolveRequest } from './to-solve-request.js';

const base = { model: 'flowreasoner', messages: [{ role: 'user', content: 'q' }] };

function refusalOf(body: unknown): FlowError {
  try {
    toSolveRequest(checkBody(chatRequestSchema, body), '');
  } catch (error) {
    if (error instanceof FlowError) return error;
  }
  throw new Error('it was not refused');
}

const fieldOf = (error: FlowError): string | undefined => error.options.fieldViolations?.[0]?.field;
const turn = (content: unknown, rest: object = {}): object => ({
  ...base,
  messages: [{ role: 'user', content, ...rest }],
});

describe('a request for a completion', () => {
  it.each<[field: string, body: object]>([
    ['n', { ...base, n: 2 }],
    ['tools', { ...base, tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['tool_choice', { ...base, tool_choice: 'required' }],
    ['functions', { ...base, functions: [{ name: 'f' }] }],
    ['function_call', { ...base, function_call: { name: 'f' } }],
    ['response_format.type', { ...base, response_format: { type: 'json_object' } }],
    ['logprobs', { ...base, logprobs: true }],
    ['top_logprobs', { ...base, top_logprobs: 3 }],
    ['logit_bias', { ...base, logit_bias: { 5: 1 } }],
    ['audio', { ...base, audio: { voice: 'x', format: 'mp3' } }],
    ['modalities[1]', { ...base, modalities: ['text', 'audio'] }],
    ['frequency_penalty', { ...base, frequency_penalty: 0.5 }],
    ['store', { ...base, store: true }],
    ['web_search_options', { ...base, web_search_options: {} }],
    [
      'messages[0].content[1].type',
      turn([
        { type: 'text', text: 'a' },
        { type: 'image_url', image_url: {} },
      ]),
    ],
    ['messages[0].tool_calls', turn('q', { tool_calls: [{ id: '1' }] })],
    ['messages[0].role', { ...base, messages: [{ role: 'tool', content: 'x' }] }],
    ['messages[0].role', { ...base, messages: [{ role: 'assistant', content: 'x' }] }],
    ['messages[0].content', turn(' \n')],
    ['messages[0].content', turn(5)],
    ['messages', { ...base, messages: [] }],
    ['model', { messages: base.messages }],
    ['model', { ...base, model: 'gpt-4o' }],
    ['max_tokens', { ...base, max_tokens: 0 }],
    ['stop', { ...base, stop: '' }],
    ['temperature', { ...base, temperature: 3 }],
    ['stream_options.x', { ...base, stream_options: { x: 1 } }],
    ['flowreasoner.budget.usd', { ...base, flowreasoner: { budget: { usd: 1 } } }],
    ['flowreasoner.budget.tokens', { ...base, flowreasoner: { budget: { tokens: 0 } } }],
    ['flowreasoner.visible_checks[1]', { ...base, flowreasoner: { visible_checks: ['assert f()', ''] } }],
    ['flowreasoner.entry_point', { ...base, flowreasoner: { entry_point: 'a b' } }],
    [
      '__proto__',
      JSON.parse(
        '{"model":"flowreasoner","messages":[{"role":"user","content":"q"}],"__proto__":{}}',
      ) as object,
    ],
  ])('is refused by the name of its field: %s', (field, body) => {
    const error = refusalOf(body);
    expect(fieldOf(error)).toBe(field);
    expect(error.message).toContain(field);
  });

  it.each([null, [], 'text', 5, undefined])('is refused when it is %j', (body) => {
    expect(refusalOf(body).code).toBe('INVALID_ARGUMENT');
  });

  it('may hold what asks for nothing, as clients send by habit', () => {
    const habits = {
      n: 1,
      temperature: 0.2,
      top_p: 1,
      user: 'u',
      metadata: { a: 'b' },
      tools: [],
      tool_choice: 'none',
      logprobs: false,
      logit_bias: {},
      presence_penalty: 0,
      response_format: { type: 'text' },
      modalities: ['text'],
      stop: null,
      stream: null,
      max_tokens: null,
      store: false,
      service_tier: 'auto',
      parallel_tool_calls: true,
    };
    expect(toSolveRequest(checkBody(chatRequestSchema, { ...base, ...habits }), 'r').requestId).toBe('r');
  });

  it.each([
    [{ math: '1/2' }, { $case: 'math', value: { accepted: ['1/2'] } }],
    [
      { text: ['a', 'b'], measure: 'f1', pass_score: 0.5 },
      { $case: 'text', value: { accepted: ['a', 'b'], measure: 2, passScore: 0.5 } },
    ],
    [
      { grader: 'ours', data: 'x' },
      { $case: 'remote', value: { grader: 'ours' } },
    ],
  ])('says how an answer in text is judged: %j', (answer_checks, rule) => {
    const body = { ...base, flowreasoner: { answer_checks } };
    const { task } = toSolveRequest(checkBody(chatRequestSchema, body), '');
    expect(task?.answerChecks?.rule).toMatchObject(rule);
  });

  it('with instructions alone before the query gives them as they are', () => {
    const messages = [
      { role: 'developer', content: 'Be brief.' },
      { role: 'system', content: [{ type: 'text', text: 'In Python.' }] },
      { role: 'user', content: 'q' },
    ];
    const { task } = toSolveRequest(checkBody(chatRequestSchema, { ...base, messages }), '');
    expect(task).toMatchObject({ problem: 'q', context: 'Be brief.\n\nIn Python.' });
  });
});
