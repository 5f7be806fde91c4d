import { describe, expect, it } from 'vitest';
import { FlowError } from '@flowreasoner/rpc';
import { decodeInput, MAX_TASK_BYTES, parseTaskFile } from './task-file.js';

function reasonOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof FlowError) return error.reason;
    throw error;
  }
  return 'none';
}

describe('parseTaskFile', () => {
  it('reads JSON and YAML alike', () => {
    const json = parseTaskFile(
      '{"id":"a","problem":"def f():","entry_point":"f","visible_checks":["assert f()"]}',
      't',
    );
    const yaml = parseTaskFile(
      'id: a\nproblem: "def f():"\nentry_point: f\nvisible_checks:\n  - assert f()\n',
      't',
    );
    expect(yaml).toEqual(json);
  });

  it.each([
    ['', 'TASK_EMPTY'],
    ['  \n', 'TASK_EMPTY'],
    ['{"id": ', 'TASK_SYNTAX'],
    ['- a\n- b\n', 'TASK_INVALID'],
    ['{"id":"a"}', 'TASK_INVALID'],
    ['{"id":"a","problem":"p","entry_point":"1x"}', 'TASK_INVALID'],
    ['{"id":"a","problem":"p","hidden":"x"}', 'TASK_INVALID'],
    ['a: &a [1]\nb: [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n', 'TASK_SYNTAX'],
  ])('refuses %j with %s', (text, reason) => {
    expect(reasonOf(() => parseTaskFile(text, 't'))).toBe(reason);
  });

  it('names every problem at once', () => {
    expect(() => parseTaskFile('{"problem":"","kind":"art"}', 'task.json')).toThrow(
      /id: .*kind: .*problem: /s,
    );
  });
});

describe('decodeInput', () => {
  it('refuses what is too large, naming the limit', () => {
    expect(() => decodeInput(new Uint8Array(MAX_TASK_BYTES + 1), 't')).toThrow('1048576');
    expect(decodeInput(new Uint8Array(MAX_TASK_BYTES).fill(97), 't')).toHaveLength(MAX_TASK_BYTES);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(reasonOf(() => decodeInput(Uint8Array.of(0xff, 0xfe, 0x41), 't'))).toBe('TASK_NOT_UTF8');
  });
});
