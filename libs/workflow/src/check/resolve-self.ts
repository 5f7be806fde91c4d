import type { Argument, BoundArgument, Expression, SourceRange, UsageField } from '../ir.js';
import { OPERATORS, OPERATOR_NAMES, operatorNamed } from '../operators.js';
import type { OperatorSignature } from '../operators.js';
import { bindArguments } from './bind-operator.js';
import { checkCallArguments } from './call-arguments.js';
import type { Resolver } from './resolver.js';
import { report } from './resolver.js';
import { didYouMean } from '../suggest.js';

/** Names under which the usage of a model is read, with the field each means. */
const USAGE_NAMES: Readonly<Record<string, UsageField>> = {
  total_cost: 'total_cost',
  get_total_cost: 'total_cost',
  total_input_tokens: 'total_input_tokens',
  total_prompt_tokens: 'total_input_tokens',
  get_total_prompt_tokens: 'total_input_tokens',
  total_output_tokens: 'total_output_tokens',
  total_completion_tokens: 'total_output_tokens',
  get_total_completion_tokens: 'total_output_tokens',
  total_tokens: 'total_tokens',
  call_count: 'call_count',
};

/** The path of attributes from `self`, such as ["llm", "cost_manager"]; undefined when the expression is none. */
export function selfPath(resolver: Resolver, node: Expression): string[] | undefined {
  const path: string[] = [];
  let at = node;
  while (at.kind === 'attribute') {
    path.unshift(at.name);
    at = at.object;
  }
  return at.kind === 'name' && at.name === resolver.self && resolver.self !== '' ? path : undefined;
}

/** Resolves reading `self.a.b`. */
export function resolveSelfRead(resolver: Resolver, path: readonly string[], range: SourceRange): Expression {
  const [first, second, third] = path;
  if (first === undefined) {
    report(resolver, 'FW112', range, '"self" alone is no value here; use its operators and attributes');
    return { kind: 'none', range };
  }
  if (first === 'llm') {
    if (second === 'cost_manager' && path.length === 3 && third && USAGE_NAMES[third]) {
      return { kind: 'usage', range, field: USAGE_NAMES[third] };
    }
    report(
      resolver,
      'FW112',
      range,
      'of "self.llm" only get_usage_summary() and cost_manager.total_cost can be used; call an operator to ask a model',
    );
    return { kind: 'none', range };
  }
  let value: Expression = resolveSelfAttribute(resolver, first, range);
  for (const name of path.slice(1)) value = { kind: 'attribute', range, object: value, name };
  return value;
}

function resolveSelfAttribute(resolver: Resolver, name: string, range: SourceRange): Expression {
  if (resolver.attributes.has(name)) return { kind: 'selfAttribute', range, name };
  const isOperator = resolver.bindings.has(name) || OPERATORS.has(name);
  if (isOperator || resolver.helpers.has(name)) {
    const what = isOperator ? 'an operator' : 'a helper method';
    report(
      resolver,
      'FW117',
      range,
      `"self.${name}" is ${what} and must be called: ${isOperator ? 'await ' : ''}self.${name}(…)`,
    );
  } else {
    report(resolver, 'FW112', range, () => {
      const { attributes, bindings, helpers, offered } = resolver;
      const known = [...attributes, ...bindings.keys(), ...helpers.keys(), ...offered];
      return `"self.${name}" is never set${didYouMean(name, known) || '; set it in __init__'}`;
    });
  }
  return { kind: 'none', range };
}

/** Resolves calling `self.a.b(…)`; arguments are already resolved. */
export function resolveSelfCall(
  resolver: Resolver,
  path: readonly string[],
  args: readonly Argument[],
  range: SourceRange,
  nameRange: SourceRange,
): Expression {
  const [first, second, third] = path;
  if (first === 'llm') return resolveModelCall(resolver, [second, third], args, range);
  if (first === undefined || path.length > 2) {
    const what = `"self.${path.join('.')}"`;
    const mend = 'await self.custom(input=…, instruction=…) asks a model';
    report(resolver, 'FW112', nameRange, `${what} is not available in a workflow; ${mend}`);
    return { kind: 'none', range };
  }
  if (second !== undefined) {
    if (first === 'logger') return printCall(args, range);
    const object = resolveSelfAttribute(resolver, first, nameRange);
    return { kind: 'methodCall', range, site: 0, object, method: second, arguments: args };
  }
  const helper = resolver.helpers.get(first);
  if (helper) {
    checkCallArguments(resolver, `self.${first}`, helper.parameters, args, range);
    return { kind: 'helperCall', range, site: 0, method: first, arguments: args };
  }
  const binding = resolver.bindings.get(first);
  const operator = binding ? OPERATORS.get(binding.operator) : unboundOperator(resolver, first, nameRange);
  if (operator)
    return operatorCall(resolver, operator, first, binding?.arguments ?? [], args, range, nameRange);
  if (resolver.attributes.has(first)) {
    const callee: Expression = { kind: 'selfAttribute', range: nameRange, name: first };
    return { kind: 'call', range, site: 0, function: callee, arguments: args };
  }
  report(resolver, 'FW101', nameRange, () => {
    const known = [...resolver.offered, ...resolver.bindings.keys(), ...resolver.helpers.keys()];
    const hint = didYouMean(first, known) || `; operators are ${[...resolver.offered].join(', ')}`;
    return `there is no operator "${first}"${hint}`;
  });
  return { kind: 'none', range };
}

function unboundOperator(
  resolver: Resolver,
  name: string,
  range: SourceRange,
): OperatorSignature | undefined {
  const exact = OPERATORS.get(name);
  if (exact || resolver.attributes.has(name)) return exact;
  const meant = operatorNamed(name);
  if (meant) report(resolver, 'FW703', range, `"self.${name}" was taken as the operator "${meant.name}"`);
  return meant;
}

function operatorCall(
  resolver: Resolver,
  operator: OperatorSignature,
  attribute: string,
  constructorArguments: readonly BoundArgument[],
  args: readonly Argument[],
  range: SourceRange,
  nameRange: SourceRange,
): Expression {
  if (!resolver.offered.has(operator.name)) {
    const offered = OPERATOR_NAMES.filter((name) => resolver.offered.has(name)).join(', ');
    report(
      resolver,
      'FW116',
      nameRange,
      `the operator "${operator.name}" is not on offer here; use ${offered}`,
    );
  }
  const bound = bindArguments(resolver, operator.name, operator.parameters, args, range);
  return {
    kind: 'operatorCall',
    range,
    site: 0,
    operator: operator.name,
    attribute,
    arguments: bound,
    constructorArguments,
  };
}

function resolveModelCall(
  resolver: Resolver,
  path: readonly (string | undefined)[],
  args: readonly Argument[],
  range: SourceRange,
): Expression {
  const [name, method] = path;
  if (name === 'get_usage_summary' && method === undefined && args.length === 0)
    return { kind: 'usage', range, field: '' };
  if (name === 'cost_manager' && method !== undefined && USAGE_NAMES[method] && args.length === 0) {
    return { kind: 'usage', range, field: USAGE_NAMES[method] };
  }
  report(
    resolver,
    'FW112',
    range,
    'a workflow cannot call "self.llm" itself; use await self.custom(input=…, instruction=…)',
  );
  return { kind: 'none', range };
}

/** A call that does nothing but evaluate its arguments: print and logging. */
export function printCall(args: readonly Argument[], range: SourceRange): Expression {
  const positional = args.map((argument) => ({ ...argument, name: '' }));
  return {
    kind: 'call',
    range,
    site: 0,
    function: { kind: 'builtin', range, name: 'print' },
    arguments: positional,
  };
}
