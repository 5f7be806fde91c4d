import { describe, expect, it } from 'vitest';
import { verdict } from '../testing/fixtures.js';
import { outcomeOf } from './outcome.js';
import { passRates } from './pass-rates.js';

describe('passRates', () => {
  it('leaves visible cases out of the strict count', () => {
    expect(passRates(outcomeOf(verdict('PPFP')), [true, false, false, false])).toEqual({
      passed: 3,
      total: 4,
      strictPassed: 2,
      strictTotal: 3,
    });
    expect(passRates(outcomeOf(verdict('FPP')), [true, false, false])).toMatchObject({
      strictPassed: 2,
      strictTotal: 2,
    });
  });

  it('counts both ways alike where nothing was visible', () => {
    const rates = { passed: 1, total: 2, strictPassed: 1, strictTotal: 2 };
    expect(passRates(outcomeOf(verdict('PF')), [false, false])).toEqual(rates);
    expect(passRates(outcomeOf(verdict('PF')), [])).toEqual(rates);
  });

  it('takes visible cases as passed where cases do not match one by one', () => {
    expect(passRates(outcomeOf(verdict('PPPF')), [true, false])).toEqual({
      passed: 3,
      total: 4,
      strictPassed: 2,
      strictTotal: 3,
    });
  });
});
