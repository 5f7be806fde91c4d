import { FlowError } from '@flowreasoner/rpc';
import { describe, expect, it } from 'vitest';
import { toOpenError, toStoreError } from './store-errors.js';

const failed = (code: string, message = 'it failed'): Error => Object.assign(new Error(message), { code });

describe('errors of the store', () => {
  it.each([
    [failed('ENOSPC'), 'STORE_FULL'],
    [failed('53100'), 'STORE_FULL'],
    [new Error('could not extend file: No space left on device'), 'STORE_FULL'],
    [new Error('outer', { cause: failed('ENOSPC') }), 'STORE_FULL'],
    [failed('EROFS'), 'STORE_READ_ONLY'],
    [failed('EACCES'), 'STORE_READ_ONLY'],
    [failed('25006'), 'STORE_READ_ONLY'],
    [failed('ECONNREFUSED'), 'STORE_FAILED'],
    ['no error at all', 'STORE_FAILED'],
  ])('turn %s into %s with a hint', (error, reason) => {
    const told = toStoreError(error);
    expect(told).toMatchObject({ code: 'UNAVAILABLE', reason });
    expect(told.options.hint).not.toBe(undefined);
  });

  it('keep what is told already', () => {
    const told = new FlowError('ALREADY_EXISTS', 'REQUEST_ID_REUSED', 'Used.');
    expect(toStoreError(told)).toBe(told);
  });

  it('name the folder that can not be opened', () => {
    expect(toOpenError(failed('ENOTDIR'), '/data')).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'STORE_NO_FOLDER',
    });
    expect(toOpenError(failed('ENOSPC'), '/data')).toMatchObject({ reason: 'STORE_FULL' });
    expect(toOpenError(new Error('PANIC'), '/data').message).toContain('/data');
  });
});
