import type { Comprehension, Expression, FunctionDefinition, If, Program, Statement, Try } from '../ir.js';
import { printExpression } from '../print-expression.js';
import { childExpressions, statementExpressions } from '../walk.js';
import { busyFunctions, calledFunction, isBusy } from './busy-functions.js';
import type { GraphCluster, GraphClusterKind, GraphEdge, GraphNode, WorkflowGraph } from './graph.js';

/** Greatest length of a condition or loop head in a label, in characters. */
const MAX_LABEL = 48;

/** The end of a path that the next node goes on from. */
interface Loose {
  readonly from: string;
  readonly label: string;
}

interface OpenCluster {
  readonly id: string;
  readonly kind: GraphClusterKind;
  readonly label: string;
  readonly children: string[];
}

interface Branch {
  /** Its condition. */
  readonly label: string;
  readonly draw: () => void;
}

/** How often a loop turns: any number of times, at least once, or until it is left by `break` or `return`. */
type Turns = 'any' | 'some' | 'endless';

interface LoopParts {
  readonly turns: Turns;
  readonly draw: () => void;
  /** What comes after the last turn, but not after a `break`. */
  readonly otherwise: () => void;
}

/**
 * Draws which operator call can follow which. Functions that call operators are
 * drawn once, however often they are called.
 */
export function buildGraph(program: Program): WorkflowGraph {
  return new GraphBuilder(program).build();
}

class GraphBuilder {
  private readonly nodes: GraphNode[] = [];
  private readonly clusters: GraphCluster[] = [];
  private readonly edges: GraphEdge[] = [];
  private readonly top: string[] = [];
  private readonly open: OpenCluster[] = [];
  private loose: Loose[] = [];
  /** Paths that left the body of each loop at work by `break`, and that went on by `continue`. */
  private readonly loops: { readonly breaks: Loose[]; readonly continues: Loose[] }[] = [];
  private readonly returns: Loose[] = [];
  private readonly functions: ReadonlyMap<string, FunctionDefinition>;
  private readonly calls: { readonly node: string; readonly name: string }[] = [];
  private count = 0;

  constructor(private readonly program: Program) {
    this.functions = busyFunctions(program);
  }

  build(): WorkflowGraph {
    this.node({ kind: 'start', label: 'start', operator: null, line: null }, 'start');
    this.block(this.program.entry.body);
    this.loose = [...this.returns.splice(0), ...this.loose];
    this.node({ kind: 'end', label: 'end', operator: null, line: null }, 'end');
    const heads = new Map<string, string>();
    for (const [name, definition] of this.functions) heads.set(name, this.function(name, definition));
    for (const { node, name } of this.calls) {
      const to = heads.get(name);
      if (to !== undefined) this.edges.push({ from: node, to, label: '', kind: 'calls' });
    }
    const { nodes, clusters, edges, top: children } = this;
    return { nodes, clusters, edges, children };
  }

  private function(name: string, { body, range }: FunctionDefinition): string {
    this.loose = [];
    let head = '';
    this.cluster('function', name, () => {
      head = this.node({ kind: 'function', label: name, operator: null, line: range.startLine });
      this.block(body);
    });
    this.returns.length = 0;
    this.loose = [];
    return head;
  }

  private block(statements: readonly Statement[]): void {
    for (const statement of statements) this.statement(statement);
  }

  private statement(node: Statement): void {
    switch (node.kind) {
      case 'if':
        this.expression(node.test);
        this.choice(this.branches(node));
        return;
      case 'for':
        this.expression(node.iterable);
        this.loop(`for ${printed(node.target)} in ${printed(node.iterable)}`, {
          turns: turnsOver(node.iterable),
          draw: () => this.block(node.body),
          otherwise: () => this.block(node.otherwise),
        });
        return;
      case 'while':
        this.loop(`while ${printed(node.test)}`, {
          turns: node.test.kind === 'bool' && node.test.value ? 'endless' : 'any',
          draw: () => {
            this.expression(node.test);
            this.block(node.body);
          },
          otherwise: () => this.block(node.otherwise),
        });
        return;
      case 'try':
        this.try(node);
        return;
      case 'functionDefinition':
        return;
      default:
        for (const value of statementExpressions(node)) this.expression(value);
    }
    if (node.kind === 'return') this.returns.push(...this.loose.splice(0));
    // An error that nothing catches ends the program, too.
    if (node.kind === 'raise') this.returns.push(...labelled(this.loose.splice(0), 'raise'));
    const loop = this.loops.at(-1);
    if (node.kind === 'break') loop?.breaks.push(...this.loose.splice(0));
    if (node.kind === 'continue') loop?.continues.push(...this.loose.splice(0));
  }

  private try(node: Try): void {
    const before = [...this.loose];
    const first = this.nodes.length;
    let ended: Loose[] = [];
    this.cluster('try', 'try', () => {
      this.block(node.body);
      this.block(node.otherwise);
      ended = this.loose;
      const inside = this.nodes.slice(first).map(({ id }) => ({ from: id, label: '' }));
      const sources = inside.length > 0 ? inside : before;
      for (const handler of node.handlers) {
        const types = handler.types.join(', ') || 'error';
        this.loose = labelled(sources, types);
        this.cluster('handler', `except ${types}`, () => this.block(handler.body));
        ended = [...ended, ...this.loose];
      }
    });
    this.loose = unique(ended);
    this.block(node.finalizer);
  }

  private loop(label: string, { turns, draw, otherwise }: LoopParts): void {
    const before = [...this.loose];
    const paths: { breaks: Loose[]; continues: Loose[] } = { breaks: [], continues: [] };
    this.loops.push(paths);
    const first = this.nodes.length;
    this.cluster('loop', label, draw);
    this.loops.pop();
    const around = unique([...this.loose, ...paths.continues]);
    const head = this.nodes[first];
    if (head !== undefined) {
      for (const { from, label: condition } of around) {
        if (before.some((other) => other.from === from)) continue;
        this.edges.push({ from, to: head.id, label: condition, kind: 'again' });
      }
    }
    // A loop without calls is passed whatever it does.
    const skipped = turns === 'any' || head === undefined ? before : [];
    this.loose = unique([...(turns === 'endless' ? [] : around), ...skipped]);
    otherwise();
    this.loose = unique([...this.loose, ...paths.breaks]);
  }

  /** The branches of an `if` and its `elif`s, as far as nothing is called between them. */
  private branches({ test, body, otherwise }: If): Branch[] {
    const first = { label: printed(test), draw: () => this.block(body) };
    const [next, ...others] = otherwise;
    if (next?.kind === 'if' && others.length === 0 && !isBusy(next.test, this.functions)) {
      return [first, ...this.branches(next)];
    }
    return [first, { label: 'else', draw: () => this.block(otherwise) }];
  }

  /** Alternatives that start from one place; the last is taken when no other is. */
  private choice(branches: readonly Branch[]): void {
    const before = this.loose;
    const ended: Loose[] = [];
    const drawn: Branch[] = [];
    const group = this.cluster('if', 'if', () => {
      for (const branch of branches) {
        this.loose = labelled(before, branch.label);
        if (this.cluster('branch', branch.label, branch.draw) !== undefined) drawn.push(branch);
        ended.push(...this.loose);
      }
    });
    // A frame around one branch alone would say nothing that the branch can't.
    const [only] = drawn;
    if (group?.children.length === 1 && only !== undefined) this.unwrap(cut(loneLabel(only, branches)));
    this.loose = unique(ended);
  }

  /** Puts the cluster that ended before the last one, its only child, in its place. */
  private unwrap(label: string): void {
    this.clusters.pop();
    const only = this.clusters.pop();
    if (only === undefined) return;
    this.clusters.push({ ...only, label });
    this.children().splice(-1, 1, only.id);
  }

  private expression(node: Expression): void {
    if (node.kind === 'lambda') return this.expression(node.body);
    if (node.kind === 'comprehension') return this.comprehension(node);
    if (node.kind === 'conditional') {
      this.expression(node.test);
      return this.choice([
        { label: printed(node.test), draw: () => this.expression(node.then) },
        { label: 'else', draw: () => this.expression(node.otherwise) },
      ]);
    }
    if (node.kind === 'boolean') return this.shortCircuit(node.operands);
    if (node.kind === 'call' && node.function.kind === 'builtin' && node.function.name === 'asyncio.gather') {
      return this.parallel(node.arguments.map(({ value }) => value));
    }
    for (const child of childExpressions(node)) this.expression(child);
    const { startLine: line } = node.range;
    if (node.kind === 'operatorCall') {
      this.node({ kind: 'operator', label: node.operator, operator: node.operator, line });
    }
    const name = calledFunction(node);
    if (name !== undefined && this.functions.has(name)) {
      this.calls.push({ node: this.node({ kind: 'call', label: name, operator: null, line }), name });
    }
  }

  private comprehension({ clauses, element, value }: Comprehension): void {
    const [first] = clauses;
    if (first !== undefined) this.expression(first.iterable);
    const heads = clauses.map(({ target, iterable }) => `for ${printed(target)} in ${printed(iterable)}`);
    const isOne = clauses.length === 1 && first?.conditions.length === 0;
    this.loop(heads.join(' '), {
      turns: isOne ? turnsOver(first.iterable) : 'any',
      draw: () => {
        for (const [i, clause] of clauses.entries()) {
          if (i > 0) this.expression(clause.iterable);
          for (const condition of clause.conditions) this.expression(condition);
        }
        this.expression(element);
        if (value !== undefined) this.expression(value);
      },
      otherwise: () => {},
    });
  }

  private shortCircuit(operands: readonly Expression[]): void {
    let skipped: Loose[] = [];
    for (const [i, operand] of operands.entries()) {
      if (i > 0) skipped = [...skipped, ...this.loose];
      this.expression(operand);
    }
    this.loose = unique([...this.loose, ...skipped]);
  }

  private parallel(values: readonly Expression[]): void {
    const before = this.loose;
    let ended: Loose[] = [];
    this.cluster('parallel', 'gather', () => {
      for (const value of values) {
        this.loose = before;
        this.expression(value);
        ended = [...ended, ...this.loose];
      }
    });
    if (values.length > 0) {
      const reached = ended.filter((loose) => !before.includes(loose));
      this.loose = unique(reached.length > 0 ? reached : before);
    }
  }

  private node(node: Omit<GraphNode, 'id'>, name?: string): string {
    const id = name ?? `n${(this.count += 1)}`;
    this.nodes.push({ id, ...node });
    this.children().push(id);
    for (const { from, label } of unique(this.loose)) this.edges.push({ from, to: id, label, kind: 'next' });
    this.loose = [{ from: id, label: '' }];
    return id;
  }

  /** Draws a cluster; one in which nothing is is left out. */
  private cluster(kind: GraphClusterKind, label: string, draw: () => void): OpenCluster | undefined {
    const cluster: OpenCluster = { id: `c${(this.count += 1)}`, kind, label: cut(label), children: [] };
    const siblings = this.children();
    this.open.push(cluster);
    draw();
    this.open.pop();
    if (cluster.children.length === 0) return undefined;
    siblings.push(cluster.id);
    this.clusters.push(cluster);
    return cluster;
  }

  private children(): string[] {
    return this.open.at(-1)?.children ?? this.top;
  }
}

function labelled(paths: readonly Loose[], label: string): Loose[] {
  return paths.map((path) => ({
    from: path.from,
    label: path.label === '' ? label : cut(`${path.label}, ${label}`),
  }));
}

/** One path from each node: conditions of several are told by none. */
function unique(paths: readonly Loose[]): Loose[] {
  const labels = new Map<string, Set<string>>();
  for (const { from, label } of paths) labels.set(from, (labels.get(from) ?? new Set()).add(label));
  return Array.from(labels, ([from, all]) => ({ from, label: all.size === 1 ? ([...all][0] ?? '') : '' }));
}

/** Tells loops that certainly turn, such as those over `range(3)`; of others nothing is known. */
function turnsOver(iterable: Expression): Turns {
  if (iterable.kind === 'list' || iterable.kind === 'tuple') {
    return iterable.items.some(({ kind }) => kind !== 'starred') ? 'some' : 'any';
  }
  if (iterable.kind !== 'call' || iterable.function.kind !== 'builtin') return 'any';
  const [stop, ...others] = iterable.arguments;
  const isRange = iterable.function.name === 'range' && others.length === 0;
  return isRange && stop?.value.kind === 'int' && Number(stop.value.digits) > 0 ? 'some' : 'any';
}

/** What a branch says where its alternatives are not drawn. */
function loneLabel(branch: Branch, branches: readonly Branch[]): string {
  const [first, ...others] = branches;
  if (branch === first) return `if ${branch.label}`;
  if (branch !== others.at(-1)) return `elif ${branch.label}`;
  return others.length === 1 && first !== undefined ? `if not ${negatable(first.label)}` : 'else';
}

/** A condition as `not` takes it whole. */
function negatable(condition: string): string {
  return condition.includes(' ') ? `(${condition})` : condition;
}

function printed(node: Expression): string {
  return cut(printExpression(node));
}

function cut(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ')];
  return characters.length <= MAX_LABEL
    ? characters.join('')
    : `${characters.slice(0, MAX_LABEL - 1).join('')}…`;
}
