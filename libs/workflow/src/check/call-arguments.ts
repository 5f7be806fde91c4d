import type { Argument, SourceRange } from '../ir.js';
import type { Arity } from './builtins.js';
import type { Resolver } from './resolver.js';
import { report } from './resolver.js';
import { didYouMean } from '../suggest.js';

/** Reports arguments that do not fit the parameters of a helper method or local function. */
export function checkCallArguments(
  resolver: Resolver,
  what: string,
  parameters: readonly { readonly name: string; readonly optional: boolean }[],
  args: readonly Argument[],
  range: SourceRange,
): void {
  if (args.some((argument) => argument.value.kind === 'starred')) return;
  const taken = new Set<string>();
  let position = 0;
  for (const argument of args) {
    const parameter =
      argument.name === ''
        ? parameters[position++]
        : parameters.find((candidate) => candidate.name === argument.name);
    if (!parameter) {
      report(resolver, 'FW119', argument.range, () => {
        const names = parameters.map((candidate) => candidate.name);
        return argument.name === ''
          ? `${what} takes ${parameters.length} arguments: ${names.join(', ') || 'none'}`
          : `${what} has no parameter "${argument.name}"${didYouMean(argument.name, names)}`;
      });
      return;
    }
    if (taken.has(parameter.name)) {
      report(resolver, 'FW106', argument.range, `${what} is given "${parameter.name}" twice`);
    }
    taken.add(parameter.name);
  }
  const missing = parameters.filter((parameter) => !parameter.optional && !taken.has(parameter.name));
  if (missing.length === 0) return;
  report(
    resolver,
    'FW119',
    range,
    `${what} needs ${missing.map((parameter) => `"${parameter.name}"`).join(' and ')}`,
  );
}

/** Reports a number of arguments that a builtin does not take. */
export function checkArity(
  resolver: Resolver,
  name: string,
  arity: Arity,
  args: readonly Argument[],
  range: SourceRange,
): void {
  if (args.some((argument) => argument.value.kind === 'starred')) return;
  const count = arity.anyNames ? args.filter((argument) => argument.name === '').length : args.length;
  if (count >= arity.least && count <= arity.most) return;
  const wanted =
    arity.most === Infinity
      ? `at least ${arity.least}`
      : arity.least === arity.most
        ? String(arity.least)
        : `${arity.least} to ${arity.most}`;
  report(
    resolver,
    'FW119',
    range,
    `${name}() takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${count}`,
  );
}
