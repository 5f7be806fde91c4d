import { LlamaGrammar, LlamaLogLevel, getLlama } from 'node-llama-cpp';
import type { Llama } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflowGrammar } from './grammar.js';
import type { GrammarOptions } from './grammar.js';

describe('llama.cpp', () => {
  let llama: Llama;
  beforeAll(async () => {
    llama = await getLlama({ build: 'never', gpu: false, maxThreads: 1, logLevel: LlamaLogLevel.disabled });
  });
  afterAll(async () => {
    await llama.dispose();
  });

  const alone = ['custom', 'custom_code_generate', 'answer_generate', 'programmer'];
  const cases: [string, GrammarOptions][] = [
    ['all operators', {}],
    [
      'twelve steps',
      { operators: ['custom', 'custom_code_generate', 'sc_ensemble', 'test'], maxStatements: 12 },
    ],
    ...alone.map((name): [string, GrammarOptions] => [name, { operators: [name] }]),
  ];

  it.each(cases)('loads the grammar for %s', (_, options) => {
    expect(() => new LlamaGrammar(llama, { grammar: workflowGrammar(options) })).not.toThrow();
  });

  it('refuses a broken one, so that the check above means something', () => {
    const broken = workflowGrammar().replace(/^ret-1 .*$/m, '');
    expect(() => new LlamaGrammar(llama, { grammar: broken })).toThrow();
  });
});
