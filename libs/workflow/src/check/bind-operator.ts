import type { Argument, BoundArgument, Expression, SourceRange } from '../ir.js';
import type { OperatorParameter, OperatorSignature } from '../operators.js';
import type { Resolver } from './resolver.js';
import { report } from './resolver.js';
import { didYouMean } from '../suggest.js';

/** Binds the arguments of an operator's call or constructor to its parameters and reports what does not fit. */
export function bindArguments(
  resolver: Resolver,
  what: string,
  parameters: readonly OperatorParameter[],
  args: readonly Argument[],
  range: SourceRange,
): BoundArgument[] {
  const bound: BoundArgument[] = [];
  const taken = new Set<string>();
  let position = 0;
  for (const argument of args) {
    const parameter = argument.name === '' ? parameters[position++] : byName(parameters, argument.name);
    if (argument.value.kind === 'starred') {
      report(
        resolver,
        'FW119',
        argument.range,
        `${what} takes its arguments one by one; name each: ${list(parameters)}`,
      );
    } else if (!parameter) reportUnknown(resolver, what, parameters, argument);
    else if (taken.has(parameter.name)) {
      report(resolver, 'FW106', argument.range, `${what} is given "${parameter.name}" twice`);
    } else {
      taken.add(parameter.name);
      checkLiteral(resolver, what, parameter, argument.value);
      bound.push({ range: argument.range, parameter: parameter.name, value: argument.value });
    }
  }
  const missing = parameters.filter((parameter) => parameter.required && !taken.has(parameter.name));
  if (missing.length > 0 && !args.some((argument) => argument.value.kind === 'starred')) {
    const names = missing.map((parameter) => `"${parameter.name}"`).join(' and ');
    report(resolver, 'FW103', range, `${what} needs ${names}; its parameters are ${list(parameters)}`);
  }
  return bound;
}

function byName(parameters: readonly OperatorParameter[], name: string): OperatorParameter | undefined {
  return parameters.find((parameter) => parameter.name === name);
}

function reportUnknown(
  resolver: Resolver,
  what: string,
  parameters: readonly OperatorParameter[],
  argument: Argument,
): void {
  if (argument.name === '') {
    const shown = shownParameters(parameters).length;
    report(
      resolver,
      'FW105',
      argument.range,
      `${what} takes at most ${shown} arguments: ${list(parameters)}`,
    );
    return;
  }
  const names = parameters.map((parameter) => parameter.name);
  const hint = didYouMean(argument.name, names) || `; its parameters are ${list(parameters)}`;
  report(resolver, 'FW104', argument.range, `${what} has no parameter "${argument.name}"${hint}`);
}

/** The parameters worth naming: `mode` is only accepted. */
function shownParameters(parameters: readonly OperatorParameter[]): OperatorParameter[] {
  return parameters.filter((parameter) => parameter.name !== 'mode');
}

function list(parameters: readonly OperatorParameter[]): string {
  const shown = shownParameters(parameters);
  if (shown.length === 0) return 'none';
  return shown
    .map((parameter) =>
      parameter.required ? parameter.name : `${parameter.name}=${parameter.defaultLiteral}`,
    )
    .join(', ');
}

/** Signature as it is written in a call. */
export function signatureText(operator: OperatorSignature): string {
  return `${operator.name}(${list(operator.parameters)})`;
}

const LITERAL_TYPES: Readonly<Partial<Record<Expression['kind'], string>>> = {
  none: 'None',
  bool: 'a truth value',
  int: 'a number',
  float: 'a number',
  string: 'a string',
  formatted: 'a string',
  list: 'a list',
  tuple: 'a tuple',
  set: 'a set',
  dict: 'a dict',
  lambda: 'a function',
};

const ACCEPTED: Readonly<Record<OperatorParameter['type'], readonly string[]>> = {
  string: ['a string', 'None', 'a number'],
  number: ['a number', 'None'],
  list: ['a list', 'a tuple', 'a set'],
  any: Object.values(LITERAL_TYPES),
};

function checkLiteral(
  resolver: Resolver,
  what: string,
  parameter: OperatorParameter,
  value: Expression,
): void {
  const type = LITERAL_TYPES[value.kind];
  if (type === undefined || ACCEPTED[parameter.type].includes(type)) return;
  const wanted = { string: 'a string', number: 'a number', list: 'a list', any: '' }[parameter.type];
  report(resolver, 'FW107', value.range, `"${parameter.name}" of ${what} must be ${wanted}, not ${type}`);
}
