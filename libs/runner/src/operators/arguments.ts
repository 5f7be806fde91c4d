import { OperatorError, type OperatorArgument, type OperatorArguments } from '@flowreasoner/workflow';
import type { RunTask } from './operator.js';

/** Greatest length of a text argument in UTF-16 units. */
export const MAX_TEXT_LENGTH = 200_000;
/** Greatest number of items of a list argument. */
export const MAX_ITEMS = 64;

/**
 * An argument that stands within a prompt: Python's `str` of whatever was given,
 * as AFlow's prompt templates take it.
 *
 * @throws OperatorError ValueError for a text that is too long
 */
export function textArgument(args: OperatorArguments, name: string, otherwise = ''): string {
  const argument = args.get(name);
  return argument === undefined ? otherwise : checkedText(argument, name);
}

/**
 * An argument that must be a string, because AFlow's operator adds it to another.
 *
 * @throws OperatorError TypeError for another type, ValueError for a text that is too long
 */
export function stringArgument(args: OperatorArguments, name: string, otherwise = ''): string {
  const argument = args.get(name);
  if (argument !== undefined && typeof argument.value !== 'string') {
    throw new OperatorError('TypeError', `${name} must be a str, not ${argument.type}`);
  }
  return textArgument(args, name, otherwise);
}

/**
 * The function that solutions must define: as given, otherwise the task's.
 *
 * @throws OperatorError TypeError for what is no string, ValueError for what is no Python name
 */
export function entryPointArgument(args: OperatorArguments, task: RunTask): string {
  const argument = args.get('entry_point');
  if (argument === undefined || argument.value === null || argument.value === '') return task.entryPoint;
  const name = stringArgument(args, 'entry_point');
  if (!/^[\p{L}_][\p{L}\p{N}_]{0,199}$/u.test(name)) {
    throw new OperatorError('ValueError', 'entry_point must be the name of a Python function');
  }
  return name;
}

/**
 * A whole number.
 *
 * @throws OperatorError TypeError for what is none, ValueError beyond the bounds
 */
export function countArgument(
  args: OperatorArguments,
  name: string,
  otherwise: number,
  least: number,
  most: number,
): number {
  const argument = args.get(name);
  if (argument === undefined) return otherwise;
  const isNumber = typeof argument.value === 'bigint' || typeof argument.value === 'number';
  const number = Number(argument.value);
  if (!isNumber || !Number.isInteger(number)) {
    throw new OperatorError('TypeError', `${name} must be a whole number, not ${argument.type}`);
  }
  if (number < least || number > most) {
    throw new OperatorError('ValueError', `${name} must be between ${least} and ${most}, not ${number}`);
  }
  return number;
}

/**
 * The texts of a list or tuple that is not empty.
 *
 * @throws OperatorError TypeError for what is no list, ValueError for one that is empty or too long
 */
export function listArgument(args: OperatorArguments, name: string): readonly string[] {
  const argument = args.get(name);
  if (argument?.items === undefined) {
    throw new OperatorError('TypeError', `${name} must be a list, not ${argument?.type ?? 'NoneType'}`);
  }
  const { length } = argument.items;
  if (length === 0) throw new OperatorError('ValueError', `${name} is empty`);
  if (length > MAX_ITEMS) {
    throw new OperatorError('ValueError', `${name} has ${length} items, more than ${MAX_ITEMS}`);
  }
  return argument.items.map((item) => checkedText(item, name));
}

function checkedText({ text }: OperatorArgument, name: string): string {
  if (text.length > MAX_TEXT_LENGTH) {
    throw new OperatorError(
      'ValueError',
      `${name} has ${text.length} characters, more than ${MAX_TEXT_LENGTH}`,
    );
  }
  return text;
}
