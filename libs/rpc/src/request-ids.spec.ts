import { describe, expect, it } from 'vitest';
import { RequestIds } from './request-ids.js';
import { failureOf } from './spec-support.js';

const body = (text: string): Uint8Array => Buffer.from(text);
const request = { tenant: 'acme', method: '/x/CreateRun', requestId: 'r1', body: body('a') };

/** Work that counts how often it is done. */
function counter() {
  let count = 0;
  return () => Promise.resolve(++count);
}

describe('RequestIds', () => {
  it('gives the same request the same answer, also while that is being made', async () => {
    const ids = new RequestIds();
    const open = Promise.withResolvers<string>();
    const first = ids.once(request, () => open.promise);
    const second = ids.once(request, () => Promise.resolve('second'));
    open.resolve('first');
    expect(await Promise.all([first, second])).toEqual(['first', 'first']);
    expect(await ids.once(request, () => Promise.resolve('third'))).toBe('first');
  });

  it('refuses another body under the same id', async () => {
    const ids = new RequestIds();
    await ids.once(request, counter());
    const error = await failureOf(ids.once({ ...request, body: body('b') }, counter()));
    expect(error).toMatchObject({ code: 'ALREADY_EXISTS', reason: 'REQUEST_ID_REUSED' });
  });

  it('keeps tenants and methods apart, and requests without an id', async () => {
    const ids = new RequestIds();
    const work = counter();
    const others = [
      { ...request, tenant: 'globex' },
      { ...request, method: '/x/CancelRun' },
    ];
    for (const one of [request, ...others]) await ids.once(one, work);
    for (let n = 0; n < 2; n++) await ids.once({ ...request, requestId: '' }, work);
    expect(await work()).toBe(6);
  });

  it('forgets what failed, and lets those who waited try again', async () => {
    const ids = new RequestIds();
    const open = Promise.withResolvers<string>();
    const first = failureOf(ids.once(request, () => open.promise));
    const second = ids.once(request, () => Promise.resolve('mine'));
    open.reject(new Error('cancelled'));
    expect(await first).toMatchObject({ message: 'cancelled' });
    expect(await second).toBe('mine');
    expect(await ids.once(request, () => Promise.resolve('x'))).toBe('mine');
  });

  it('forgets after a while, and the oldest where there are too many', async () => {
    let now = 0;
    const ids = new RequestIds({ keepMs: 1000, maxEntries: 2, now: () => now });
    const work = counter();
    const ask = (requestId: string) => ids.once({ ...request, requestId }, work);
    expect([await ask('a'), await ask('a')]).toEqual([1, 1]);
    now = 1000;
    expect(await ask('a')).toBe(2);
    await ask('b');
    await ask('c');
    expect([await ask('b'), await ask('a')]).toEqual([3, 5]);
  });

  it('refuses ids of more than 128 characters', async () => {
    const long = { ...request, requestId: 'x'.repeat(129) };
    expect(await failureOf(new RequestIds().once(long, counter()))).toMatchObject({
      reason: 'REQUEST_ID_INVALID',
    });
  });
});
