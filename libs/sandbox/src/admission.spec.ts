import { describe, expect, it } from 'vitest';
import { Admission } from './admission.js';

const never = new AbortController().signal;

function admission(slots: number, maxQueued: number) {
  let now = 0;
  const clock = { now: () => now };
  return { gate: new Admission({ slots, maxQueued, clock }), pass: (ms: number) => (now += ms) };
}

describe('Admission', () => {
  it('gives free slots at once and tells the time in the queue', async () => {
    const { gate, pass } = admission(1, 4);
    const first = await gate.acquire('a', never);
    expect(first.queueMs).toBe(0);
    const second = gate.acquire('a', never);
    pass(70);
    first.release();
    expect((await second).queueMs).toBe(70);
    expect(gate.running).toBe(1);
  });

  it('refuses beyond the queue with a delay that grows with it', async () => {
    const { gate, pass } = admission(1, 1);
    const slot = await gate.acquire('a', never);
    const waiting = gate.acquire('a', never);
    await expect(gate.acquire('b', never)).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      reason: 'SANDBOX_QUEUE_FULL',
      options: { retryAfterMs: 200, metadata: { limit: '1' } },
    });
    pass(10);
    slot.release();
    (await waiting).release();
    expect(gate.running).toBe(0);
  });

  it('lets patient callers wait behind a full queue', async () => {
    const { gate } = admission(1, 0);
    const slot = await gate.acquire('a', never);
    const patient = gate.acquire('a', never, true);
    slot.release();
    await expect(patient).resolves.toBeDefined();
  });

  it('lets tenants take turns', async () => {
    const { gate } = admission(1, 10);
    const order: string[] = [];
    const first = await gate.acquire('greedy', never);
    const all = ['greedy', 'greedy', 'greedy', 'modest'].map(async (tenant, index) => {
      const slot = await gate.acquire(tenant, never);
      order.push(`${tenant}${index}`);
      slot.release();
    });
    first.release();
    await Promise.all(all);
    expect(order).toEqual(['greedy0', 'modest3', 'greedy1', 'greedy2']);
  });

  it("does not let one tenant's thousand requests keep another out, or make it wait long", async () => {
    const { gate } = admission(1, 100);
    const first = await gate.acquire('greedy', never);
    const order: string[] = [];
    const refused: string[] = [];
    const ask = async (tenant: string): Promise<void> => {
      const slot = await gate.acquire(tenant, never).catch(() => undefined);
      if (slot === undefined) return void refused.push(tenant);
      order.push(tenant);
      slot.release();
    };
    const all = [...Array<string>(1000).fill('greedy'), 'modest', 'modest'].map(ask);
    await Promise.resolve();
    first.release();
    await Promise.all(all);
    expect(order.slice(0, 4)).toEqual(['greedy', 'modest', 'greedy', 'modest']);
    expect(order).toHaveLength(100);
    expect(refused).toEqual(Array<string>(902).fill('greedy'));
  });

  it('does not count patient requests towards the queue of the others', async () => {
    const { gate } = admission(1, 1);
    const first = await gate.acquire('greedy', never);
    const batch = Array.from({ length: 50 }, () => gate.acquire('greedy', never, true));
    const modest = gate.acquire('modest', never);
    first.release();
    (await batch[0])?.release();
    (await modest).release();
    for (const slot of batch.slice(1)) (await slot).release();
    expect(gate.queued).toBe(0);
  });

  it('forgets who gives up, and a second release changes nothing', async () => {
    const { gate } = admission(1, 4);
    const slot = await gate.acquire('a', never);
    const cancel = new AbortController();
    const waiting = gate.acquire('b', cancel.signal);
    cancel.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect(gate.queued).toBe(0);
    slot.release();
    slot.release();
    expect(gate.running).toBe(0);
    await expect(gate.acquire('c', cancel.signal)).rejects.toThrow('gone');
  });
});
