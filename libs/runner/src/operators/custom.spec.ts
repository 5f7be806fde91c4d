import { describe, expect, it } from 'vitest';
import { custom } from './custom.js';
import { fakeContext, lastMessage } from './testing/fake-context.js';

describe('custom', () => {
  it('asks with the instruction before the input and gives the answer as it is', async () => {
    const context = fakeContext({ arguments: { input: '2 + 2?', instruction: 'Add: ' }, answers: [' 4\n'] });
    expect(await custom.standard(context)).toEqual({ response: ' 4\n' });
    expect(lastMessage(context.asked[0]?.prompt)).toBe('Add: 2 + 2?');
    expect(context.asked[0]?.prompt.temperature).toBe(0);
  });

  it('samples in further turns of a loop', async () => {
    const context = fakeContext({ arguments: { input: 'x' }, answers: ['y'], isFirstTurn: false });
    await custom.standard(context);
    expect(context.asked[0]?.prompt.temperature).toBe(0.7);
  });

  it('refuses to add what is no string', async () => {
    const context = fakeContext({ arguments: { input: ['x'] } });
    await expect(custom.standard(context)).rejects.toMatchObject({ type: 'TypeError' });
  });
});
