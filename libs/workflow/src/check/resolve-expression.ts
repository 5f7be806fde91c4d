import { USAGE_FIELDS } from '../ir.js';
import type { Argument, Expression, FunctionParameter, SourceRange } from '../ir.js';
import { rewriteParts } from '../rewrite.js';
import { OPERATORS } from '../operators.js';
import {
  ALL_METHODS,
  BUILTIN_FUNCTIONS,
  EXCEPTIONS,
  METHODS,
  MODULE_MEMBERS,
  UNAVAILABLE,
  VALUE_ATTRIBUTES,
} from './builtins.js';
import { checkArity, checkCallArguments } from './call-arguments.js';
import { PURE_MODULES } from './modules.js';
import { checkPromptUse, resolvePrompt } from './resolve-prompt.js';
import { printCall, resolveSelfCall, resolveSelfRead, selfPath } from './resolve-self.js';
import type { Resolver } from './resolver.js';
import { report } from './resolver.js';
import { Scope, targetNames } from './scope.js';
import { didYouMean } from '../suggest.js';
import type { LocalFunctions } from './local-functions.js';

/** Where an expression is resolved. */
export interface Place {
  readonly resolver: Resolver;
  readonly scope: Scope;
  /** Local functions that can be seen, for their signatures. */
  readonly functions: LocalFunctions;
}

const LOGGERS = new Set(['logger', 'logging', 'log']);
const PROMPT_MODULES = new Set(['prompt_custom', 'prompts', 'prompt', 'custom_prompt']);

/** Resolves the names, attributes and calls of a surface expression. */
export function resolveExpression(place: Place, node: Expression): Expression {
  const inner = (child: Expression): Expression => resolveExpression(place, child);
  switch (node.kind) {
    case 'name':
      return resolveName(place, node.name, node.range);
    case 'attribute':
      return resolveAttribute(place, node);
    case 'subscript':
      return resolveSubscript(place, node);
    case 'call':
      return resolveCall(place, node);
    case 'comprehension':
      return resolveComprehension(place, node);
    case 'lambda': {
      const parameters = resolveParameters(place, node.parameters);
      const scope = new Scope(new Set(node.parameters.map((parameter) => parameter.name)), place.scope);
      return { ...node, parameters, body: resolveExpression({ ...place, scope }, node.body) };
    }
    default:
      return rewriteParts(node, inner);
  }
}

/** Resolves the defaults of parameters. */
export function resolveParameters(
  place: Place,
  parameters: readonly FunctionParameter[],
): FunctionParameter[] {
  return parameters.map((parameter) => ({
    ...parameter,
    defaultValue: parameter.defaultValue && resolveExpression(place, parameter.defaultValue),
  }));
}

function resolveName(place: Place, name: string, range: SourceRange): Expression {
  const { resolver, scope } = place;
  if (scope.has(name)) {
    if (name === resolver.self) return resolveSelfRead(resolver, [], range);
    return { kind: 'name', range, name };
  }
  const imported = resolver.imports.get(name);
  if (imported !== undefined && (MODULE_MEMBERS.has(imported) || EXCEPTIONS.has(imported))) {
    return { kind: 'builtin', range, name: imported };
  }
  if (BUILTIN_FUNCTIONS.has(name) || EXCEPTIONS.has(name)) return { kind: 'builtin', range, name };
  if (name === 'Counter') return { kind: 'builtin', range, name: 'collections.Counter' };
  reportName(place, name, range);
  return { kind: 'none', range };
}

function reportName(place: Place, name: string, range: SourceRange): void {
  const { resolver, scope } = place;
  if (resolver.lostNames.has(name)) return;
  if (resolver.outside.has(name)) {
    const mend = 'put a function into the class as a method, and use a dict instead of a class';
    report(
      resolver,
      'FW102',
      range,
      `"${name}" is defined outside the workflow's class, where nothing is read; ${mend}`,
    );
    return;
  }
  const instead = UNAVAILABLE.get(name);
  if (instead !== undefined) {
    report(resolver, 'FW113', range, `"${name}" is not available in a workflow; ${instead}`);
    return;
  }
  if (resolver.bindings.has(name) || resolver.helpers.has(name) || OPERATORS.has(name)) {
    report(resolver, 'FW102', range, `"${name}" is not defined; did you mean "self.${name}"?`);
    return;
  }
  if (resolver.prompts.byName.has(name)) {
    report(resolver, 'FW102', range, `"${name}" is not defined; did you mean "prompt_custom.${name}"?`);
    return;
  }
  report(resolver, 'FW102', range, () => {
    const own = [...scope.all(), 'self', 'prompt_custom'];
    const known = [...own, ...BUILTIN_FUNCTIONS.keys(), ...EXCEPTIONS.keys(), ...PURE_MODULES];
    return `"${name}" is not defined${didYouMean(name, known)}`;
  });
}

/** The full name of a module member or of a method of a type, such as "math.sqrt" or "str.lower". */
function memberName(place: Place, node: Expression): string | undefined {
  if (node.kind !== 'attribute' || node.object.kind !== 'name' || place.scope.has(node.object.name))
    return undefined;
  const root = node.object.name;
  const imported = place.resolver.imports.get(root);
  const module = imported ?? ((PURE_MODULES as readonly string[]).includes(root) ? root : undefined);
  if (module !== undefined) return `${module}.${node.name}`;
  if (MODULE_MEMBERS.has(`${root}.${node.name}`) && BUILTIN_FUNCTIONS.has(root))
    return `${root}.${node.name}`;
  const methods = METHODS[root as keyof typeof METHODS] as ReadonlySet<string> | undefined;
  return methods?.has(node.name) && BUILTIN_FUNCTIONS.has(root) ? `${root}.${node.name}` : undefined;
}

function promptName(place: Place, node: Expression): string | undefined {
  const isPrompt =
    node.kind === 'attribute' &&
    node.object.kind === 'name' &&
    PROMPT_MODULES.has(node.object.name) &&
    !place.scope.has(node.object.name);
  return isPrompt ? node.name : undefined;
}

function resolveAttribute(place: Place, node: Extract<Expression, { kind: 'attribute' }>): Expression {
  const { resolver } = place;
  const path = selfPath(resolver, node);
  if (path) return resolveSelfRead(resolver, path, node.range);
  const prompt = promptName(place, node);
  if (prompt !== undefined) {
    const reference = resolvePrompt(resolver, prompt, node.range);
    checkPromptUse(resolver, reference, undefined);
    return reference;
  }
  const member = memberName(place, node);
  if (member !== undefined) return resolveMember(place, member, node.range);
  const object = resolveExpression(place, node.object);
  if (isResultField(node.name)) {
    report(resolver, 'FW704', node.range, `".${node.name}" was taken as ["${node.name}"]: results are dicts`);
    return {
      kind: 'subscript',
      range: node.range,
      object,
      index: { kind: 'string', range: node.range, value: node.name },
    };
  }
  // Nothing is known of what was refused already.
  if (!VALUE_ATTRIBUTES.has(node.name) && !hasUnknownAttribute(object)) {
    if (ALL_METHODS.has(node.name)) {
      report(
        resolver,
        'FW115',
        node.range,
        `".${node.name}" is a method and must be called: .${node.name}(…)`,
      );
    } else {
      report(resolver, 'FW115', node.range, () => {
        const hint = didYouMean(node.name, [...ALL_METHODS, ...VALUE_ATTRIBUTES]);
        return `no value here has the attribute ".${node.name}"${hint || '; fields of a result are read as result["field"]'}`;
      });
    }
  }
  return { ...node, object };
}

function hasUnknownAttribute(node: Expression): boolean {
  if (node.kind === 'subscript' || node.kind === 'methodCall') return hasUnknownAttribute(node.object);
  if (node.kind !== 'attribute') return isRefused(node);
  return (
    (!VALUE_ATTRIBUTES.has(node.name) && !ALL_METHODS.has(node.name)) || hasUnknownAttribute(node.object)
  );
}

function isResultField(name: string): boolean {
  return [...OPERATORS.values()].some((operator) => operator.resultFields.includes(name));
}

function resolveMember(place: Place, member: string, range: SourceRange): Expression {
  const [module = ''] = member.split('.');
  const known = MODULE_MEMBERS.has(member) || EXCEPTIONS.has(member) || BUILTIN_FUNCTIONS.has(module);
  if (!known) {
    report(place.resolver, 'FW113', range, () => {
      const members = [...MODULE_MEMBERS.keys()].filter((name) => name.startsWith(`${module}.`));
      const instead = UNAVAILABLE.get(member);
      const hint =
        (instead === undefined ? didYouMean(member, members) : `; ${instead}`) ||
        `; of "${module}" there are ${members.map((name) => name.slice(module.length + 1)).join(', ')}`;
      return `"${member}" is not available in a workflow${hint}`;
    });
  }
  return { kind: 'builtin', range, name: member };
}

function resolveSubscript(place: Place, node: Extract<Expression, { kind: 'subscript' }>): Expression {
  const object = resolveExpression(place, node.object);
  const index = resolveExpression(place, node.index);
  if (object.kind === 'usage' && object.field === '' && index.kind === 'string') {
    const field = USAGE_FIELDS.find((name) => name === index.value);
    if (field) return { kind: 'usage', range: node.range, field };
    report(
      place.resolver,
      'FW108',
      node.index.range,
      `the usage summary has no "${index.value}"; it has ${USAGE_FIELDS.join(', ')}`,
    );
  }
  return { ...node, object, index };
}

function resolveCall(place: Place, node: Extract<Expression, { kind: 'call' }>): Expression {
  const { resolver } = place;
  const callee = node.function;
  const resolveArguments = (): Argument[] =>
    node.arguments.map((argument, index) => {
      const isFunction = argument.name === 'key' || (index === 0 && takesFunctionFirst(callee));
      const method = isFunction ? boundMethod(place, argument.value) : undefined;
      return { ...argument, value: method ?? resolveExpression(place, argument.value) };
    });
  if (callee.kind === 'attribute') {
    const path = selfPath(resolver, callee);
    if (path) return resolveSelfCall(resolver, path, resolveArguments(), node.range, callee.range);
    if (
      callee.object.kind === 'name' &&
      LOGGERS.has(callee.object.name) &&
      !place.scope.has(callee.object.name)
    ) {
      return printCall(resolveArguments(), node.range);
    }
    const member = memberName(place, callee);
    if (member !== undefined) {
      const resolved = resolveMember(place, member, callee.range);
      const args = resolveArguments();
      checkBuiltinArity(place, member, args, node.range);
      return { ...node, function: resolved, arguments: args };
    }
    return resolveMethodCall(place, node, callee, resolveArguments);
  }
  const resolved = resolveExpression(place, callee);
  const args = resolveArguments();
  if (resolved.kind === 'builtin') {
    if (resolved.name === 'print') return printCall(args, node.range);
    checkBuiltinArity(place, resolved.name, args, node.range);
  }
  if (resolved.kind === 'name') {
    const local = place.functions.get(resolved.name);
    if (local) checkCallArguments(resolver, resolved.name, local, args, node.range);
  }
  return { ...node, function: resolved, arguments: args };
}

function takesFunctionFirst(callee: Expression): boolean {
  return callee.kind === 'name' && (callee.name === 'map' || callee.name === 'filter');
}

/** `counts.get` where a function is meant; anywhere else a method that is not called is a slip. */
function boundMethod(place: Place, node: Expression): Expression | undefined {
  if (node.kind !== 'attribute' || !ALL_METHODS.has(node.name)) return undefined;
  const isOther =
    selfPath(place.resolver, node)?.length === 1 ||
    memberName(place, node) !== undefined ||
    promptName(place, node) !== undefined;
  return isOther ? undefined : { ...node, object: resolveExpression(place, node.object) };
}

function checkBuiltinArity(place: Place, name: string, args: readonly Argument[], range: SourceRange): void {
  const arity = BUILTIN_FUNCTIONS.get(name) ?? MODULE_MEMBERS.get(name);
  if (arity) checkArity(place.resolver, name, arity, args, range);
}

function resolveMethodCall(
  place: Place,
  node: Extract<Expression, { kind: 'call' }>,
  callee: Extract<Expression, { kind: 'attribute' }>,
  resolveArguments: () => Argument[],
): Expression {
  const { resolver } = place;
  const prompt = promptName(place, callee.object);
  let object: Expression;
  if (prompt !== undefined) {
    const reference = resolvePrompt(resolver, prompt, callee.object.range);
    checkPromptUse(
      resolver,
      reference,
      callee.name === 'format' ? node.arguments : undefined,
      callee.name === 'replace',
    );
    object = reference;
  } else object = resolveExpression(place, callee.object);
  const args = resolveArguments();
  // Nothing is known of what is missing or was refused.
  if (!ALL_METHODS.has(callee.name) && !isRefused(object)) {
    report(resolver, 'FW115', callee.range, () => {
      const hint = didYouMean(callee.name, ALL_METHODS);
      return `no value in the workflow language has a method ".${callee.name}(…)"${hint}`;
    });
  }
  return { kind: 'methodCall', range: node.range, site: 0, object, method: callee.name, arguments: args };
}

function isRefused(node: Expression): boolean {
  return node.kind === 'none' || (node.kind === 'call' && node.function.kind === 'none');
}

function resolveComprehension(
  place: Place,
  node: Extract<Expression, { kind: 'comprehension' }>,
): Expression {
  const [first] = node.clauses;
  const names = new Set<string>();
  let inside = place;
  const clauses = node.clauses.map((clause) => {
    // Python evaluates the first iterable outside the comprehension.
    const iterable = resolveExpression(clause === first ? place : inside, clause.iterable);
    for (const name of targetNames(clause.target)) names.add(name);
    inside = { ...place, scope: new Scope(new Set(names), place.scope) };
    return {
      target: resolveTarget(inside, clause.target),
      iterable,
      conditions: clause.conditions.map((condition) => resolveExpression(inside, condition)),
    };
  });
  return {
    ...node,
    clauses,
    element: resolveExpression(inside, node.element),
    value: node.value && resolveExpression(inside, node.value),
  };
}

/** Resolves an assignment target. */
export function resolveTarget(place: Place, target: Expression): Expression {
  switch (target.kind) {
    case 'name':
      return target;
    case 'tuple':
    case 'list':
      return { ...target, items: target.items.map((item) => resolveTarget(place, item)) };
    case 'starred':
      return { ...target, value: resolveTarget(place, target.value) };
    case 'attribute': {
      const path = selfPath(place.resolver, target);
      const [name] = path ?? [];
      if (path && name !== undefined && path.length === 1 && place.resolver.attributes.has(name)) {
        return { kind: 'selfAttribute', range: target.range, name };
      }
      report(
        place.resolver,
        'FW018',
        target.range,
        'only attributes of "self" that are no operators can be set; use a variable or a dict',
      );
      return { kind: 'name', range: target.range, name: '_' };
    }
    default:
      return resolveExpression(place, target);
  }
}
