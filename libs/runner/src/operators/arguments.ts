import { OperatorError, type OperatorArguments } from '@flowreasoner/workflow';

/** The text of an argument; Python's `str` of what was given. */
export function textArgument(args: OperatorArguments, name: string, otherwise = ''): string {
  return args.get(name)?.text ?? otherwise;
}

/**
 * A whole number.
 *
 * @throws OperatorError TypeError or ValueError
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
  const number = Number(argument.value);
  if (typeof argument.value === 'string' || argument.value === null || !Number.isInteger(number)) {
    throw new OperatorError('TypeError', `${name} must be a whole number, not ${argument.type}`);
  }
  if (number < least || number > most) {
    throw new OperatorError('ValueError', `${name} must be between ${least} and ${most}, not ${number}`);
  }
  return number;
}

/**
 * The texts of a list.
 *
 * @throws OperatorError TypeError for what is no list
 */
export function listArgument(args: OperatorArguments, name: string): readonly string[] {
  const argument = args.get(name);
  if (argument?.items === undefined) {
    throw new OperatorError('TypeError', `${name} must be a list, not ${argument?.type ?? 'None'}`);
  }
  return argument.items.map((item) => item.text);
}
