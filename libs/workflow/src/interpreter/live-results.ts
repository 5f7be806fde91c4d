import type { Argument, Expression, FunctionDefinition, Lambda, Program } from '../ir.js';
import { visitStatements } from '../walk.js';
import { CHANGING_METHODS } from './isolation.js';

/** Functions and methods that give iterators. */
const ITERATOR_FUNCTIONS = new Set(['enumerate', 'filter', 'iter', 'map', 're.finditer', 'reversed', 'zip']);
const ITERATOR_METHODS = new Set(['elements', 'finditer']);
/** Functions and methods that use iterators and functions up; what is in them is all that they may keep. */
const CONSUMING_FUNCTIONS = new Set(
  'all any collections.Counter frozenset list max min re.sub repr set sorted str sum tuple'.split(' '),
);
const CONSUMING_METHODS = new Set(['join', 'sub']);
/** Methods that put what they are given into what they are called on, as it is. */
const KEEPING_METHODS = new Set(['add', 'append', 'insert', 'setdefault']);

type Definition = FunctionDefinition | Lambda;

/** What a variable is given: a value, or what is in one. */
interface Source {
  readonly value: Expression;
  readonly isItem: boolean;
}

/**
 * Which functions of a program may give something that acts when it is used: an
 * iterator, a function, or a coroutine that nobody has awaited. Where that can't
 * be seen, the answer is yes. Nothing of the kind is in what they are given.
 */
export class LiveResults {
  private readonly known = new Map<Definition, boolean>();
  private readonly methods: ReadonlyMap<string, FunctionDefinition>;
  /** Local functions by name. */
  private readonly functions = new Map<string, FunctionDefinition[]>();

  constructor(program: Program) {
    this.methods = new Map(program.methods.map((method) => [method.name, method]));
    for (const { body } of [...program.methods, program.entry]) {
      visitStatements(body, {
        statement: (node) => {
          if (node.kind !== 'functionDefinition') return;
          this.functions.set(node.name, [...(this.functions.get(node.name) ?? []), node]);
        },
      });
    }
  }

  /** Whether a function may give such a thing, alone or in something else. */
  isLive(definition: Definition): boolean {
    const known = this.known.get(definition);
    if (known !== undefined) return known;
    // Programs have no recursion; should one come here, its answer is yes.
    this.known.set(definition, true);
    const result = new Examination(definition, this).isLive();
    this.known.set(definition, result);
    return result;
  }

  /** Whether what a method gives, awaited if need be, is live. */
  methodIsLive(name: string): boolean {
    const method = this.methods.get(name);
    return method === undefined || this.isLive(method);
  }

  isAsyncMethod(name: string): boolean {
    return this.methods.get(name)?.isAsync ?? true;
  }

  /** Local functions that a name may stand for. */
  functionsNamed(name: string): readonly FunctionDefinition[] {
    return this.functions.get(name) ?? [];
  }
}

/** Looks at one function. */
class Examination {
  private readonly sources = new Map<string, Source[]>();
  private readonly live = new Set<string>();
  private readonly results: Expression[] = [];
  private readonly awaited = new Set<string>();

  constructor(
    definition: Definition,
    private readonly all: LiveResults,
  ) {
    if ('locals' in definition) this.collect(definition);
    else this.results.push(definition.body);
    for (let changed = true; changed;) {
      changed = false;
      for (const [name, sources] of this.sources) {
        if (this.live.has(name) || !sources.some((source) => this.sourceIsLive(source))) continue;
        this.live.add(name);
        changed = true;
      }
    }
  }

  isLive(): boolean {
    return this.results.some((result) => this.valueIsLive(result));
  }

  private collect({ body }: FunctionDefinition): void {
    visitStatements(body, {
      statement: (node) => {
        if (node.kind === 'assign') for (const target of node.targets) this.give(target, node.value);
        else if (node.kind === 'augmentedAssign') this.give(node.target, node.value);
        else if (node.kind === 'for') this.give(node.target, node.iterable, true);
        else if (node.kind === 'return' && node.value !== undefined) this.results.push(node.value);
        else if (node.kind === 'raise' && node.exception !== undefined) this.results.push(node.exception);
      },
      expression: (node) => {
        if (node.kind === 'named') this.giveName(node.name, { value: node.value, isItem: false });
        else if (node.kind === 'comprehension')
          for (const { target, iterable } of node.clauses) this.give(target, iterable, true);
        else if (node.kind === 'methodCall' && CHANGING_METHODS.has(node.method))
          for (const { name, value } of node.arguments)
            if (name !== 'key') this.give(node.object, value, !KEEPING_METHODS.has(node.method));
      },
    });
  }

  private give(target: Expression, value: Expression, isItem = false): void {
    if (target.kind === 'name') this.giveName(target.name, { value, isItem });
    else if (target.kind === 'tuple' || target.kind === 'list')
      for (const item of target.items) this.give(item, value, isItem);
    else if (target.kind === 'starred') this.give(target.value, value, isItem);
    else if (target.kind === 'subscript') this.give(target.object, value, isItem);
  }

  private giveName(name: string, source: Source): void {
    this.sources.set(name, [...(this.sources.get(name) ?? []), source]);
  }

  private sourceIsLive({ value, isItem }: Source): boolean {
    return isItem ? this.itemsAreLive(value) : this.valueIsLive(value);
  }

  private valueIsLive(node: Expression): boolean {
    switch (node.kind) {
      case 'name':
        return this.live.has(node.name) || this.all.functionsNamed(node.name).length > 0;
      case 'lambda':
      case 'operatorCall':
      case 'attribute':
        return true;
      case 'comprehension':
        return node.form === 'generator' || this.itemsAreLive(node);
      case 'helperCall':
        return (
          this.all.isAsyncMethod(node.method) || this.callIsLive(this.all.methodIsLive(node.method), node)
        );
      case 'methodCall':
        return (
          ITERATOR_METHODS.has(node.method) ||
          this.valueIsLive(node.object) ||
          this.anyLive(node, CONSUMING_METHODS.has(node.method))
        );
      case 'call':
        return this.plainCallIsLive(node.function, node);
      case 'await':
        return this.awaitedIsLive(node.value);
      case 'subscript':
        return this.valueIsLive(node.object);
      case 'starred':
      case 'named':
        return this.valueIsLive(node.value);
      case 'conditional':
        return this.valueIsLive(node.then) || this.valueIsLive(node.otherwise);
      case 'boolean':
        return node.operands.some((operand) => this.valueIsLive(operand));
      case 'binary':
        return this.valueIsLive(node.left) || this.valueIsLive(node.right);
      case 'list':
      case 'tuple':
      case 'set':
        return node.items.some((item) => this.valueIsLive(item));
      case 'dict':
        return node.entries.some(({ value }) => this.valueIsLive(value));
      default:
        return false;
    }
  }

  /** What is in a value, or what it gives when it is called. */
  private itemsAreLive(node: Expression): boolean {
    switch (node.kind) {
      case 'lambda':
        return this.valueIsLive(node.body);
      case 'comprehension':
        return this.valueIsLive(node.element) || (node.value !== undefined && this.valueIsLive(node.value));
      case 'starred':
        return this.itemsAreLive(node.value);
      case 'call': {
        const { function: callee } = node;
        return callee.kind === 'builtin' && ITERATOR_FUNCTIONS.has(callee.name)
          ? this.anyLive(node, true)
          : this.valueIsLive(node);
      }
      default:
        return this.valueIsLive(node);
    }
  }

  private plainCallIsLive(callee: Expression, node: { readonly arguments: readonly Argument[] }): boolean {
    if (callee.kind === 'builtin') {
      const isMade = ITERATOR_FUNCTIONS.has(callee.name) || callee.name === 'asyncio.gather';
      return isMade || this.anyLive(node, CONSUMING_FUNCTIONS.has(callee.name));
    }
    const functions = callee.kind === 'name' ? this.all.functionsNamed(callee.name) : [];
    const isUnknown = functions.length === 0 || (callee.kind === 'name' && this.sources.has(callee.name));
    return (
      isUnknown ||
      this.callIsLive(
        functions.some((one) => one.isAsync || this.all.isLive(one)),
        node,
      )
    );
  }

  private callIsLive(result: boolean, node: { readonly arguments: readonly Argument[] }): boolean {
    return result || this.anyLive(node);
  }

  private anyLive(node: { readonly arguments: readonly Argument[] }, isConsumed = false): boolean {
    return node.arguments.some(({ value }) =>
      isConsumed ? this.itemsAreLive(value) : this.valueIsLive(value),
    );
  }

  /** What a coroutine gives, or each of those in a value. */
  private awaitedIsLive(node: Expression): boolean {
    switch (node.kind) {
      case 'operatorCall':
        return false;
      case 'helperCall':
        return this.callIsLive(this.all.methodIsLive(node.method), node);
      case 'call': {
        const { function: callee } = node;
        if (callee.kind === 'builtin')
          return callee.name === 'asyncio.gather'
            ? node.arguments.some(({ value }) => this.awaitedIsLive(value))
            : this.valueIsLive(node);
        const functions = callee.kind === 'name' ? this.all.functionsNamed(callee.name) : [];
        return (
          functions.length === 0 ||
          this.callIsLive(
            functions.some((one) => this.all.isLive(one)),
            node,
          )
        );
      }
      case 'starred':
        return this.awaitedIsLive(node.value);
      case 'list':
      case 'tuple':
        return node.items.some((item) => this.awaitedIsLive(item));
      case 'comprehension':
        return this.awaitedIsLive(node.element);
      case 'name': {
        if (this.awaited.has(node.name)) return false;
        this.awaited.add(node.name);
        const isLive = (this.sources.get(node.name) ?? []).some(({ value }) => this.awaitedIsLive(value));
        this.awaited.delete(node.name);
        return isLive;
      }
      default:
        return this.valueIsLive(node);
    }
  }
}
