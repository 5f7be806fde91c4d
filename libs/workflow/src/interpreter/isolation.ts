import type { Expression, FunctionDefinition, Lambda, Statement } from '../ir.js';
import { childExpressions, visitExpression, visitStatements } from '../walk.js';
import { LazyValue, PendingField, PendingText } from './lazy.js';
import {
  BuiltinValue,
  DictValue,
  DictView,
  ExceptionValue,
  FunctionValue,
  ListValue,
  MatchValue,
  ObjectValue,
  PatternValue,
  RangeValue,
  SetValue,
  TupleValue,
  type Value,
} from './values.js';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Methods that change what they are called on. */
export const CHANGING_METHODS = words(
  'add append clear difference_update discard extend insert intersection_update pop popitem remove reverse ' +
    'setdefault sort subtract symmetric_difference_update update',
);
/** Functions that change their argument. */
const CHANGING_FUNCTIONS = words('next random.shuffle');
/** Operators whose augmented form changes a collection in place. */
const CHANGING_OPERATORS = words('+ * | & - ^');
/** Functions that give something new, whatever they are given. */
const MAKING_FUNCTIONS = words(
  'abs all any asyncio.gather bool collections.Counter dict float frozenset int json.dumps json.loads len list ' +
    'range re.findall re.split re.sub repr round set sorted str tuple',
);
/** Methods that give something new, whatever they are called on. */
const MAKING_METHODS = words(
  'capitalize copy findall format group groups join lower lstrip partition replace rsplit rstrip split ' +
    'splitlines strip title upper',
);

/** Objects of a heap that are looked at before it counts as too large to look at. */
const MOST_OBJECTS = 2_000;

/** Names that a function reads. */
interface Reads {
  /** Of variables; its own are among them. */
  readonly names: Set<string>;
  /** Of attributes of the workflow. */
  readonly attributes: Set<string>;
}

/**
 * Which functions of a program change nothing that they did not make: what they
 * do to lists, dicts and sets, they do to a variable that is only ever given new
 * ones. Where that can't be seen, the answer is no.
 */
export class Isolation {
  private readonly known = new Map<FunctionDefinition | Lambda, { fixed: boolean; any: boolean }>();

  private readonly reads = new Map<FunctionDefinition | Lambda, Reads>();

  constructor(private readonly methods: ReadonlyMap<string, FunctionDefinition>) {}

  /** @param isFixed whether what it is given can't be changed at all */
  isIsolated(definition: FunctionDefinition | Lambda, isFixed: boolean): boolean {
    let known = this.known.get(definition);
    if (known === undefined) {
      // Programs have no recursion; should one come here, its answer is no.
      this.known.set(definition, { fixed: false, any: false });
      known = { fixed: this.examine(definition, true), any: this.examine(definition, false) };
      this.known.set(definition, known);
    }
    return isFixed ? known.fixed : known.any;
  }

  /** Values of the variables around a function, and of attributes, that it and what it calls can read. */
  valuesUsed({ definition, scope }: FunctionValue, attributes: ReadonlyMap<string, Value>): Value[] {
    const { names, attributes: read } = this.readBy(definition);
    return [
      ...[...names].flatMap((name) => scope.find(name)?.values.get(name) ?? []),
      ...[...read].flatMap((name) => attributes.get(name) ?? []),
    ];
  }

  private readBy(definition: FunctionDefinition | Lambda): Reads {
    const known = this.reads.get(definition);
    if (known !== undefined) return known;
    const reads: Reads = { names: new Set(), attributes: new Set() };
    this.reads.set(definition, reads);
    const expression = (node: Expression): void => {
      if (node.kind === 'name') reads.names.add(node.name);
      else if (node.kind === 'selfAttribute') reads.attributes.add(node.name);
      else if (node.kind === 'helperCall') {
        const method = this.methods.get(node.method);
        if (method !== undefined)
          this.readBy(method).attributes.forEach((name) => reads.attributes.add(name));
      }
    };
    if ('locals' in definition) visitStatements(definition.body, { expression });
    else visitExpression(definition.body, expression);
    return reads;
  }

  private examine(definition: FunctionDefinition | Lambda, isFixed: boolean): boolean {
    const body = 'locals' in definition ? definition.body : [];
    const own = ownVariables(definition, body, isFixed);
    let changes = false;
    const note = (found: boolean): void => {
      changes ||= found;
    };
    const expression = (node: Expression): void => {
      note(changesOthers(node, own) || startsLater(node));
      if (node.kind !== 'helperCall' || changes) return;
      const method = this.methods.get(node.method);
      note(method === undefined || !this.isIsolated(method, false));
    };
    if (!('locals' in definition)) visitExpression(definition.body, expression);
    visitStatements(body, {
      expression,
      statement: (node) => {
        note(statementChangesOthers(node, own));
      },
    });
    return !changes;
  }
}

/** Variables of a function that only ever hold what it made itself, or what can't be changed. */
function ownVariables(
  definition: FunctionDefinition | Lambda,
  body: readonly Statement[],
  isFixed: boolean,
): ReadonlySet<string> {
  const given = new Map<string, Expression[]>();
  const others = new Set<string>();
  const assign = (target: Expression, value: Expression | undefined): void => {
    if (target.kind === 'name') {
      if (value === undefined) others.add(target.name);
      else given.set(target.name, [...(given.get(target.name) ?? []), value]);
    } else if (target.kind === 'tuple' || target.kind === 'list') {
      for (const item of target.items) assign(item, undefined);
    } else if (target.kind === 'starred') assign(target.value, undefined);
  };
  if (isFixed) for (const { name } of definition.parameters) given.set(name, []);
  else for (const { name } of definition.parameters) others.add(name);
  visitStatements(body, {
    statement: (node) => {
      if (node.kind === 'assign') for (const target of node.targets) assign(target, node.value);
      else if (node.kind === 'for') assign(node.target, undefined);
      else if (node.kind === 'try') for (const { name } of node.handlers) others.add(name);
      else if (node.kind === 'functionDefinition') for (const { name } of node.parameters) others.add(name);
    },
    expression: (node) => {
      if (node.kind === 'named') assign({ kind: 'name', name: node.name, range: node.range }, node.value);
      else if (node.kind === 'comprehension')
        for (const { target } of node.clauses) assign(target, undefined);
      else if (node.kind === 'lambda') for (const { name } of node.parameters) others.add(name);
    },
  });
  const own = new Set([...given.keys()].filter((name) => !others.has(name)));
  const results = new Set(
    [...own].filter((name) => given.get(name)?.length !== 0 && given.get(name)?.every(isOperatorResult)),
  );
  return new Set([...own].filter((name) => given.get(name)?.every((value) => isNew(value, results))));
}

function isOperatorResult(node: Expression): boolean {
  return node.kind === 'operatorCall' || (node.kind === 'await' && node.value.kind === 'operatorCall');
}

/** Whether an expression gives something that nothing else holds, or that can't be changed. */
function isNew(node: Expression, results: ReadonlySet<string>): boolean {
  switch (node.kind) {
    case 'none':
    case 'bool':
    case 'int':
    case 'float':
    case 'string':
    case 'formatted':
    case 'prompt':
    case 'list':
    case 'set':
    case 'dict':
    case 'binary':
    case 'unary':
    case 'comparison':
    case 'operatorCall':
      return true;
    case 'comprehension':
      return node.form !== 'generator';
    case 'conditional':
      return isNew(node.then, results) && isNew(node.otherwise, results);
    case 'boolean':
      return node.operands.every((operand) => isNew(operand, results));
    case 'await':
      return isNew(node.value, results);
    case 'subscript':
      // Nothing but the function has what is in an operator's result.
      return isOperatorResult(node.object) || (node.object.kind === 'name' && results.has(node.object.name));
    case 'call':
      return node.function.kind === 'builtin' && MAKING_FUNCTIONS.has(node.function.name);
    case 'methodCall':
      return MAKING_METHODS.has(node.method);
    default:
      return false;
  }
}

function changesOthers(node: Expression, own: ReadonlySet<string>): boolean {
  switch (node.kind) {
    case 'usage':
      return true;
    case 'attribute':
      return CHANGING_METHODS.has(node.name);
    case 'methodCall':
      return CHANGING_METHODS.has(node.method) && !isOwn(node.object, own);
    case 'call': {
      const { function: callee, arguments: given } = node;
      if (callee.kind !== 'builtin' || !CHANGING_FUNCTIONS.has(callee.name)) return false;
      return given[0] === undefined || !isOwn(given[0].value, own);
    }
    default:
      return false;
  }
}

/** Whether operators are called when something is first asked for its items or called, maybe elsewhere. */
function startsLater(node: Expression): boolean {
  const isLater = node.kind === 'lambda' || (node.kind === 'comprehension' && node.form === 'generator');
  return isLater && childExpressions(node).some(callsOperators);
}

function callsOperators(node: Expression): boolean {
  let found = false;
  visitExpression(node, ({ kind }) => {
    found ||= kind === 'operatorCall' || kind === 'helperCall' || kind === 'await';
  });
  return found;
}

function statementChangesOthers(node: Statement, own: ReadonlySet<string>): boolean {
  switch (node.kind) {
    case 'assign':
      return node.targets.some((target) => targetIsOthers(target, own));
    case 'for':
      return targetIsOthers(node.target, own);
    case 'augmentedAssign': {
      if (!CHANGING_OPERATORS.has(node.operator)) return targetIsOthers(node.target, own);
      if (node.target.kind === 'name') return !own.has(node.target.name) && !isNumber(node.value);
      return targetIsOthers(node.target, own) || !isNumber(node.value);
    }
    default:
      return false;
  }
}

function targetIsOthers(target: Expression, own: ReadonlySet<string>): boolean {
  switch (target.kind) {
    case 'name':
      return false;
    case 'tuple':
    case 'list':
      return target.items.some((item) => targetIsOthers(item, own));
    case 'starred':
      return targetIsOthers(target.value, own);
    case 'subscript':
      return !isOwn(target.object, own);
    default:
      return true;
  }
}

function isOwn(node: Expression, own: ReadonlySet<string>): boolean {
  return node.kind === 'name' && own.has(node.name);
}

function isNumber(node: Expression): boolean {
  return node.kind === 'int' || node.kind === 'float';
}

/** Whether values can't be changed and nothing in them can. */
export function areConstant(values: readonly Value[], seen = new Set<TupleValue>()): boolean {
  return values.every((value) => {
    if (!(value instanceof ObjectValue) || value instanceof BuiltinValue) return true;
    if (value instanceof PendingText) return true;
    if (value instanceof PendingField) return value.isText;
    if (!(value instanceof TupleValue)) return false;
    // A tuple that was met before is looked at already, or being looked at.
    if (seen.has(value)) return true;
    seen.add(value);
    return areConstant(value.items, seen);
  });
}

/**
 * Whether values, and all that can be reached from them, stay as they are while
 * nobody but isolated functions uses them: there is no iterator, no coroutine
 * and no function that is not isolated.
 */
export function isInert(
  roots: readonly Value[],
  isolation: Isolation,
  attributes: ReadonlyMap<string, Value>,
): boolean {
  const seen = new Set<ObjectValue>();
  const waiting: Value[] = [...roots];
  const add = (value: Value): void => {
    waiting.push(value);
  };
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (!(value instanceof ObjectValue) || seen.has(value)) continue;
    seen.add(value);
    if (seen.size > MOST_OBJECTS || waiting.length > 10 * MOST_OBJECTS) return false;
    if (value instanceof ListValue || value instanceof TupleValue) value.items.forEach(add);
    else if (value instanceof DictValue) for (const entry of value.entries.values()) add(entry.value);
    else if (value instanceof DictView) add(value.dict);
    else if (value instanceof FunctionValue) {
      if (!isolation.isIsolated(value.definition, false)) return false;
      value.defaults.forEach(add);
      isolation.valuesUsed(value, attributes).forEach(add);
    } else if (!isPlain(value)) return false;
  }
  return true;
}

function isPlain(value: ObjectValue): boolean {
  return (
    value instanceof LazyValue ||
    value instanceof SetValue ||
    value instanceof BuiltinValue ||
    value instanceof ExceptionValue ||
    value instanceof RangeValue ||
    value instanceof MatchValue ||
    value instanceof PatternValue
  );
}
