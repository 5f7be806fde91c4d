import { describe, expect, it } from 'vitest';
import { fakeWorkflow } from '../testing/fake-workflows.js';
import { diversities } from './diversity.js';

const { signal } = new AbortController();

describe('diversities', () => {
  it('is 1 − the greatest similarity to another workflow', async () => {
    const group = [fakeWorkflow('a b c d'), fakeWorkflow('a b c d'), fakeWorkflow('a x y z'), undefined];
    const [first, second, third, missing] = await diversities(group, signal);
    expect(first).toBe(0);
    expect(second).toBe(0);
    expect(third).toBeCloseTo(1 - 1 / 7, 12);
    expect(missing).toBe(0);
  });

  it('is 0 for one alone, and 1 for two without anything in common', async () => {
    expect(await diversities([fakeWorkflow('a')], signal)).toEqual([0]);
    expect(await diversities([fakeWorkflow('a'), undefined], signal)).toEqual([0, 0]);
    expect(await diversities([fakeWorkflow('a'), fakeWorkflow('b')], signal)).toEqual([1, 1]);
  });

  it('compares each pair once, and one workflow never with itself', async () => {
    let comparisons = 0;
    const workflow = (source: string) => ({
      measures: fakeWorkflow(source).measures,
      similarityTo: () => (comparisons += 1) * 0,
    });
    const same = workflow('a');
    expect(await diversities([same, workflow('b'), workflow('c')], signal)).toEqual([1, 1, 1]);
    expect(comparisons).toBe(3);
    expect(await diversities([same, same], signal)).toEqual([0, 0]);
    expect(comparisons).toBe(3);
  });

  it('lets other work go on, and stops when the caller has left', async () => {
    const controller = new AbortController();
    const group = ['a', 'b', 'c'].map((source) => fakeWorkflow(source));
    const pending = diversities(group, controller.signal);
    controller.abort(new Error('left'));
    await expect(pending).rejects.toThrow('left');
  });
});
