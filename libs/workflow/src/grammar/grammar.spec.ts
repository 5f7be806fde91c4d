import { describe, expect, it } from 'vitest';
import { checkWorkflow } from '../check-workflow.js';
import { OPERATOR_NAMES } from '../operators.js';
import { acceptsGbnf, parseGbnf, sampleGbnf } from '../testing/gbnf.js';
import { seededRandom } from '../testing/random.js';
import { workflowGrammar } from './grammar.js';
import { stepsFor } from './steps.js';
import { structureOf } from './structure.js';
import { OPERATORS } from '../operators.js';

const SAMPLES = process.env['FLOW_FULL'] === '1' ? 10_000 : 300;
const CODE = ['custom', 'custom_code_generate', 'sc_ensemble', 'test'];
const steps = stepsFor([...OPERATORS.values()]);

describe('workflowGrammar', () => {
  it('gives only programs that pass the checker, whose normal forms it accepts', { timeout: 300_000 }, () => {
    const random = seededRandom(1);
    for (const operators of [OPERATOR_NAMES, CODE, ['custom', 'answer_generate', 'md_ensemble']]) {
      const grammar = parseGbnf(workflowGrammar({ operators }));
      for (let sample = 0; sample < SAMPLES / 3; sample++) {
        const text = sampleGbnf(grammar, 'root', random);
        const checked = checkWorkflow(text, { operators });
        expect(
          checked.diagnostics.filter((item) => item.severity === 'error'),
          text,
        ).toEqual([]);
        expect(text).toContain(checked.normalForm);
        expect(acceptsGbnf(grammar, 'program', checked.normalForm), checked.normalForm).toBe(true);
      }
    }
  });

  it('stays small for the operators of code tasks', () => {
    expect(workflowGrammar({ operators: CODE }).length).toBeLessThan(10_000);
  });

  it('leaves out the structure of programs already tried, whatever their texts', () => {
    const random = seededRandom(2);
    const free = parseGbnf(workflowGrammar({ operators: CODE, maxStatements: 3 }));
    const tried = Array.from(
      { length: 20 },
      () => checkWorkflow(sampleGbnf(free, 'root', random)).normalForm,
    );
    const structures = new Set(tried.map((text) => structureOf(text, steps)?.join(' ')));
    expect(structures.has(undefined)).toBe(false);
    const text = workflowGrammar({ operators: CODE, maxStatements: 3, exclude: tried });
    const left = parseGbnf(text);
    for (const program of tried) expect(acceptsGbnf(left, 'program', program)).toBe(false);
    let others = 0;
    for (let sample = 0; sample < 300; sample++) {
      const { normalForm, valid } = checkWorkflow(sampleGbnf(left, 'root', random));
      expect(valid).toBe(true);
      expect(structures.has(structureOf(normalForm, steps)?.join(' ')), normalForm).toBe(false);
      const again = checkWorkflow(sampleGbnf(free, 'root', random)).normalForm;
      if (structures.has(structureOf(again, steps)?.join(' '))) continue;
      others++;
      expect(acceptsGbnf(left, 'program', again), again).toBe(true);
    }
    expect(others).toBeGreaterThan(0);
  });

  it('refuses options out of range and what leaves no program', () => {
    expect(() => workflowGrammar({ maxStatements: 13 })).toThrow('from 1 to 12');
    expect(() => workflowGrammar({ operators: ['think'] })).toThrow('no operator "think"');
    expect(() => workflowGrammar({ exclude: Array.from({ length: 65 }, () => '') })).toThrow('at most 64');
    expect(() => workflowGrammar({ operators: ['review'] })).toThrow('no program');
    const only = checkWorkflow(
      sampleGbnf(
        parseGbnf(workflowGrammar({ operators: ['programmer'], maxStatements: 1 })),
        'root',
        seededRandom(3),
      ),
    ).normalForm;
    expect(() => workflowGrammar({ operators: ['programmer'], maxStatements: 1, exclude: [only] })).toThrow(
      'no program',
    );
  });
});
