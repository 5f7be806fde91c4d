import type { DiagnosticList } from '../diagnostics.js';
import type {
  AttributeBinding,
  Expression,
  FunctionDefinition,
  OperatorBinding,
  Program,
  Statement,
} from '../ir.js';
import { OPERATORS, operatorNamed } from '../operators.js';
import type { SurfaceClass, SurfaceMethod } from '../parse/surface.js';
import { rewriteExpression } from '../rewrite.js';
import { visitStatements } from '../walk.js';
import { bindArguments } from './bind-operator.js';
import type { PromptSet } from './prompts.js';
import { resolveExpression } from './resolve-expression.js';
import type { Place } from './resolve-expression.js';
import { resolveFunction } from './resolve-statement.js';
import type { HelperSignature, Resolver } from './resolver.js';
import { report } from './resolver.js';
import { Scope } from './scope.js';
import { didYouMean } from '../suggest.js';

/** Attributes that the template sets in every workflow. */
const TEMPLATE_ATTRIBUTES = ['name', 'dataset'] as const;

/** Resolves a parsed class to the typed program; undefined when there is no `__call__`. */
export function resolveClass(
  surface: SurfaceClass,
  prompts: PromptSet,
  offered: ReadonlySet<string>,
  diagnostics: DiagnosticList,
): Program | undefined {
  const methods = new Map<string, SurfaceMethod>();
  for (const method of surface.methods.map((written) => withSelf(written, diagnostics))) {
    if (methods.has(method.name)) {
      diagnostics.add('FW214', method.headRange, `the method "${method.name}" is defined twice; remove one`);
    }
    methods.set(method.name, method);
  }
  const init = methods.get('__init__');
  const entry = methods.get('__call__');
  const helpers = [...methods.values()].filter((method) => method !== init && method !== entry);
  const base: Resolver = {
    diagnostics,
    imports: surface.imports,
    lostNames: surface.lostNames,
    outside: surface.outside,
    offered,
    bindings: new Map(),
    helpers: new Map(helpers.map((helper) => [helper.name, signature(helper)])),
    attributes: new Set(TEMPLATE_ATTRIBUTES),
    prompts,
    self: '',
  };
  const setup = readSetup(base, surface.statements, init);
  const attributes = new Set([...setup.attributes.map((item) => item.attribute), ...TEMPLATE_ATTRIBUTES]);
  for (const method of [...helpers, ...(entry ? [entry] : [])]) {
    for (const name of assignedAttributes(method)) attributes.add(name);
  }
  const resolver: Resolver = {
    ...base,
    bindings: new Map(setup.bindings.map((binding) => [binding.attribute, binding])),
    attributes,
  };
  if (!entry) {
    if (!surface.lostNames.has('__call__'))
      diagnostics.add('FW201', surface.headRange, missingEntry(methods.keys()));
    return undefined;
  }
  checkEntryParameters(entry, diagnostics);
  return {
    range: surface.range,
    className: surface.name,
    bindings: setup.bindings,
    attributes: setup.attributes,
    entry: resolveMethod(resolver, entry),
    methods: helpers.map((helper) => resolveMethod(resolver, helper)),
    prompts: [...prompts.byName.values()],
  };
}

/** Names that a first parameter has where "self" was forgotten. */
const FIRST_PARAMETERS: ReadonlySet<string> = new Set(['problem', 'entry_point']);

/** Reports a method without "self", and adds it so that nothing else follows from that. */
function withSelf(method: SurfaceMethod, diagnostics: DiagnosticList): SurfaceMethod {
  const [first] = method.parameters;
  const isMissing = first === undefined || FIRST_PARAMETERS.has(first.name);
  if (method.isStatic || !isMissing) return method;
  const message = `the method "${method.name}" needs "self" as its first parameter`;
  diagnostics.add('FW202', method.headRange, message);
  const self = { range: method.headRange, name: 'self', defaultValue: undefined };
  return { ...method, parameters: [self, ...method.parameters] };
}

function missingEntry(names: Iterable<string>): string {
  const hint = didYouMean('__call__', names);
  return `the class has no "async def __call__(self, problem)"${hint}`;
}

function signature(method: SurfaceMethod): HelperSignature {
  const parameters = method.isStatic ? method.parameters : method.parameters.slice(1);
  return {
    name: method.name,
    isAsync: method.isAsync,
    parameters: parameters.map((parameter) => ({
      name: parameter.name,
      optional: parameter.defaultValue !== undefined,
    })),
  };
}

function checkEntryParameters(entry: SurfaceMethod, diagnostics: DiagnosticList): void {
  const [, problem, , ...more] = entry.parameters;
  const extra = more.find((parameter) => parameter.defaultValue === undefined);
  if (problem && !extra) return;
  const message = problem
    ? `"__call__" is given only the problem and the entry point; "${extra?.name ?? ''}" needs a default value`
    : '"__call__" must take the problem: async def __call__(self, problem)';
  diagnostics.add('FW202', entry.headRange, message);
}

function resolveMethod(resolver: Resolver, method: SurfaceMethod): FunctionDefinition {
  const [first, ...rest] = method.parameters;
  const self = method.isStatic ? '' : (first?.name ?? 'self');
  const scope = new Scope(self === '' ? new Set() : new Set([self]), undefined);
  const place: Place = { resolver: { ...resolver, self }, scope, functions: new Map() };
  const { range, name, isAsync, body } = method;
  const parameters = method.isStatic ? method.parameters : rest;
  return resolveFunction(place, { range, name, isAsync, parameters, body, locals: [] });
}

/** Names that a method sets by `self.name = …`. */
function assignedAttributes(method: SurfaceMethod): string[] {
  const self = method.parameters[0]?.name;
  const names: string[] = [];
  const add = (target: Expression): void => {
    if (target.kind === 'tuple' || target.kind === 'list') target.items.forEach(add);
    else if (target.kind === 'attribute' && target.object.kind === 'name' && target.object.name === self) {
      names.push(target.name);
    }
  };
  visitStatements(method.body, {
    statement(statement) {
      if (statement.kind === 'assign') statement.targets.forEach(add);
    },
  });
  return names;
}

/** Parameters of `__init__` with the values they stand for. */
type Parameters = ReadonlyMap<string, Expression>;

interface Setup {
  readonly bindings: OperatorBinding[];
  readonly attributes: AttributeBinding[];
}

/** Reads operator bindings and plain attributes from the class body and `__init__`. */
function readSetup(base: Resolver, statements: readonly Statement[], init: SurfaceMethod | undefined): Setup {
  const setup: Setup = { bindings: [], attributes: [] };
  for (const statement of statements) {
    if (statement.kind === 'pass') continue;
    const target = statement.kind === 'assign' ? statement.targets[0] : undefined;
    if (statement.kind !== 'assign' || statement.targets.length !== 1 || target?.kind !== 'name') {
      report(
        base,
        'FW020',
        statement.range,
        'in the class body only methods and "name = value" may stand; move this into __call__',
      );
      continue;
    }
    readAttribute(base, setup, target.name, statement.value, statement, new Map());
  }
  if (!init) return setup;
  const self = init.parameters[0]?.name ?? 'self';
  // A workflow is made without arguments of its own: parameters stand for their defaults.
  const parameters = new Map<string, Expression>(
    init.parameters
      .slice(1)
      .map(({ name, range, defaultValue }) => [name, defaultValue ?? { kind: 'none', range }]),
  );
  for (const statement of init.body) readInit({ ...base, self }, setup, statement, parameters);
  return setup;
}

function readInit(base: Resolver, setup: Setup, statement: Statement, parameters: Parameters): void {
  if (statement.kind === 'pass') return;
  if (statement.kind === 'expression' && isIgnoredCall(statement.value)) return;
  const target =
    statement.kind === 'assign' && statement.targets.length === 1 ? statement.targets[0] : undefined;
  if (statement.kind === 'assign' && target?.kind === 'attribute') {
    // `self.llm = …` and `self.llm.cost_manager = …` are the frame's own.
    if (target.object.kind === 'attribute' && target.object.name === 'llm') return;
    if (target.object.kind === 'name' && target.object.name === base.self) {
      if (target.name !== 'llm')
        readAttribute(base, setup, target.name, statement.value, statement, parameters);
      return;
    }
  }
  report(
    base,
    'FW118',
    statement.range,
    '__init__ can only bind operators and set plain attributes; move this into __call__',
  );
}

/** `super().__init__(…)`, printing and logging. */
function isIgnoredCall(value: Expression): boolean {
  if (value.kind !== 'call') return false;
  const callee = value.function;
  if (callee.kind === 'name') return callee.name === 'print';
  if (callee.kind !== 'attribute') return false;
  if (callee.name === '__init__') return true;
  return callee.object.kind === 'name' && ['logger', 'logging'].includes(callee.object.name);
}

function readAttribute(
  base: Resolver,
  setup: Setup,
  attribute: string,
  value: Expression,
  statement: Statement,
  parameters: Parameters,
): void {
  const className = value.kind === 'call' ? constructorName(value.function) : undefined;
  const operator = className === undefined ? undefined : operatorNamed(className.split('.').at(-1) ?? '');
  if (
    value.kind === 'call' &&
    operator &&
    className !== undefined &&
    isConstructor(className, value.function)
  ) {
    const args = value.arguments.filter((argument, index) => !isModel(argument.value, index, argument.name));
    const resolved = args.map((argument) => ({
      ...argument,
      value: resolveSetupValue(base, argument.value, parameters),
    }));
    const what = `operator.${operator.className}`;
    const bound = bindArguments(base, what, operator.constructorParameters, resolved, value.range);
    setup.bindings.push({ range: statement.range, attribute, operator: operator.name, arguments: bound });
    return;
  }
  if (value.kind === 'call' && className !== undefined && /^(?:operator|operators|op)\./.test(className)) {
    const known = [...OPERATORS.values()].map((item) => item.className);
    const wanted = className.split('.').at(-1) ?? className;
    report(
      base,
      'FW101',
      value.range,
      `there is no operator class "${wanted}"${didYouMean(wanted, known) || `; there are ${known.join(', ')}`}`,
    );
    return;
  }
  const isTemplate = (TEMPLATE_ATTRIBUTES as readonly string[]).includes(attribute);
  if (isTemplate && value.kind === 'name' && parameters.has(value.name)) return;
  setup.attributes.push({
    range: statement.range,
    attribute,
    value: resolveSetupValue(base, value, parameters),
  });
}

function resolveSetupValue(base: Resolver, value: Expression, parameters: Parameters): Expression {
  const replaced = rewriteExpression(value, (node) =>
    node.kind === 'name' ? (parameters.get(node.name) ?? node) : node,
  );
  const place: Place = { resolver: base, scope: new Scope(new Set(), undefined), functions: new Map() };
  return resolveExpression(place, replaced);
}

/** "operator.Custom" or "Custom" of a constructor call. */
function constructorName(callee: Expression): string | undefined {
  if (callee.kind === 'name') return callee.name;
  if (callee.kind === 'attribute' && callee.object.kind === 'name')
    return `${callee.object.name}.${callee.name}`;
  return undefined;
}

function isConstructor(name: string, callee: Expression): boolean {
  const last = name.split('.').at(-1) ?? '';
  return callee.kind === 'attribute' ? !name.startsWith('self.') : /^[A-Z]/.test(last);
}

/** The model that every operator is given first. */
function isModel(value: Expression, index: number, name: string): boolean {
  if (name === 'llm' || name === 'model') return true;
  const isName = value.kind === 'name' && /llm/i.test(value.name);
  return (
    isName ||
    (value.kind === 'attribute' && value.name === 'llm') ||
    (index === 0 && name === '' && value.kind === 'none')
  );
}
