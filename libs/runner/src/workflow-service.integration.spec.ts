import { CheckWorkflowRequest } from '@flowreasoner/contracts/workflow';
import { unary } from '@flowreasoner/rpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRunHarness, workflow, type RunHarness } from './testing/run-harness.js';

let harness: RunHarness;
beforeAll(async () => {
  harness = await startRunHarness({ script: [] });
});
afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});

describe('CheckWorkflow', () => {
  it('gives program, bounds, measures and normal form of a valid workflow', async () => {
    const source = `<modification>two tries</modification><graph>\n${workflow(`
solutions = []
for _ in range(3):
    s = await self.custom(input=problem, instruction="")
    solutions.append(s['response'])
best = await self.sc_ensemble(solutions=solutions, problem=problem)
return best['response'], 0`)}</graph>`;
    const options = {
      prompts: '',
      operators: [],
      requestBounds: { leastPromptTokens: 5, greatestPromptTokens: 100, greatestCompletionTokens: 50 },
      price: { promptUsdPerMillion: 1, completionUsdPerMillion: 4 },
      promptsFinal: false,
      omitProgram: false,
    };
    const checked = await unary(harness.client, 'checkWorkflow', { source, ...options });
    expect(checked.diagnostics.filter(({ severity }) => severity === 1)).toEqual([]);
    expect(checked).toMatchObject({ valid: true, modification: 'two tries' });
    expect(checked.bounds?.least).toMatchObject({ modelCalls: 3, tokens: 15n, costUsd: 0.000015 });
    expect(checked.bounds?.greatest).toMatchObject({ operatorCalls: 4, tokens: 600n, costUsd: 0.0012 });
    expect(checked.measures).toMatchObject({ operatorCalls: 2, staticCost: 4 });
    expect(checked.program?.className).toBe('Workflow');
    const again = await unary(harness.client, 'checkWorkflow', {
      ...options,
      source: checked.normalForm,
    });
    expect(again.normalForm).toBe(checked.normalForm);
    const without = await unary(harness.client, 'checkWorkflow', { source, ...options, omitProgram: true });
    expect(without).toEqual({ ...checked, program: undefined });
  });

  it('refuses an operator that does not exist', async () => {
    const request = CheckWorkflowRequest.fromPartial({ operators: ['custom', 'fly'] });
    await expect(unary(harness.client, 'checkWorkflow', request)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      options: { fieldViolations: [{ field: 'operators[1]' }] },
    });
  });

  it('refuses a price below 0', async () => {
    const price = { promptUsdPerMillion: 1, completionUsdPerMillion: -1 };
    const request = CheckWorkflowRequest.fromPartial({ price });
    await expect(unary(harness.client, 'checkWorkflow', request)).rejects.toMatchObject({
      ...{ code: 'INVALID_ARGUMENT', reason: 'PRICE_INVALID' },
      options: { fieldViolations: [{ field: 'price.completion_usd_per_million' }] },
    });
  });
});

describe('ListOperators', () => {
  it('gives every operator once over pages', async () => {
    const names: string[] = [];
    let pageToken = '';
    do {
      const page = await unary(harness.client, 'listOperators', { pageSize: 4, pageToken });
      names.push(...page.operators.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(names).toHaveLength(11);
    expect(names).toEqual([...new Set(names)].sort());
  });

  it('refuses a token of another list', async () => {
    const request = { pageSize: 0, pageToken: 'bm90aGluZw' };
    await expect(unary(harness.client, 'listOperators', request)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

describe('GetGrammar', () => {
  it('gives a grammar over the operators on offer', async () => {
    const request = { operators: ['custom', 'sc_ensemble'], format: 0, maxStatements: 0, exclude: [] };
    const { grammar } = await unary(harness.client, 'getGrammar', request);
    expect(grammar).toContain('root ::=');
    expect(grammar).toContain('sc_ensemble');
    expect(grammar).not.toContain('custom_code_generate');
  });

  it('refuses more statements than it can hold', async () => {
    const request = { operators: [], format: 0, maxStatements: 99, exclude: [] };
    await expect(unary(harness.client, 'getGrammar', request)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      options: { fieldViolations: [{ field: 'max_statements' }] },
    });
  });
});
