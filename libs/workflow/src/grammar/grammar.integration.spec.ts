import { LlamaGrammar, getLlama } from 'node-llama-cpp';
import type { Llama } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATOR_NAMES } from '../operators.js';
import { workflowGrammar } from './grammar.js';

describe('llama.cpp', () => {
  let llama: Llama;
  beforeAll(async () => {
    llama = await getLlama({ build: 'never', gpu: false, maxThreads: 1, logLevel: 'disabled' });
  });
  afterAll(async () => {
    await llama.dispose();
  });

  it.each([
    ['all operators', {}],
    [
      'twelve steps',
      { operators: ['custom', 'custom_code_generate', 'sc_ensemble', 'test'], maxStatements: 12 },
    ],
    ...OPERATOR_NAMES.filter(
      (name) =>
        !['review', 'revise', 'test', 'format', 'sc_ensemble', 'md_ensemble', 'multi_generate'].includes(
          name,
        ),
    ).map((name) => [name, { operators: [name] }] as const),
  ])('loads the grammar for %s', (_, options) => {
    expect(() => new LlamaGrammar(llama, { grammar: workflowGrammar(options) })).not.toThrow();
  });

  it('refuses a broken one, so that the check above means something', () => {
    const broken = workflowGrammar().replace(/^ret-1 .*$/m, '');
    expect(() => new LlamaGrammar(llama, { grammar: broken })).toThrow();
  });
});
