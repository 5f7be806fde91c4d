import { describe, expect, it } from 'vitest';
import { MOST_PASSED_OVER, pickRequest } from './pick-request.js';
import type { WaitingRequest } from './pick-request.js';

const request = (promptKey: string, running = 0, passedOver = 0): WaitingRequest => ({
  promptKey,
  running,
  passedOver,
});

describe('pickRequest', () => {
  it('takes nothing where nothing waits', () => {
    expect(pickRequest([], 'a')).toBeUndefined();
  });

  it('prefers the prompt that the worker holds', () => {
    expect(pickRequest([request('a'), request('b')], 'b')?.promptKey).toBe('b');
  });

  it('else takes the oldest that nobody works on', () => {
    expect(pickRequest([request('a', 1), request('b'), request('c')], 'z')?.promptKey).toBe('b');
  });

  it('else helps with the oldest', () => {
    expect(pickRequest([request('a', 1), request('b', 1)], 'z')?.promptKey).toBe('a');
  });

  it('does not pass over the oldest for ever', () => {
    expect(pickRequest([request('a', 0, MOST_PASSED_OVER), request('b')], 'b')?.promptKey).toBe('a');
  });
});
