import type { Expression, FunctionDefinition, Program, Statement } from './ir.js';
import { childExpressions, statementBlocks, statementExpressions } from './walk.js';

/** A labelled ordered tree in post-order. */
interface LabelledTree {
  readonly labels: readonly string[];
  /** For each node, the post-order index of its leftmost leaf. */
  readonly leftmost: readonly number[];
  /** The nodes that have a left sibling, and the root, ascending. */
  readonly keyRoots: readonly number[];
}

/** Larger trees are compared without their string and number expressions, which keeps the cubic algorithm fast. */
const MAX_NODES = 400;

/**
 * Similarity of two programs in [0, 1]: 1 − d / (m + n), where d is the tree
 * edit distance (Zhang and Shasha 1989; insert and delete cost 1, relabel 2) of
 * their IR trees with m and n nodes. Names, texts, layout and what `__init__`
 * binds have no part in it; operators, their parameters and the structure have.
 */
export function similarity(a: Program, b: Program): number {
  const left = toTree(a);
  const right = toTree(b);
  const total = left.labels.length + right.labels.length;
  return 1 - editDistance(left, right) / total;
}

interface Node {
  readonly label: string;
  readonly children: readonly Node[];
}

function toTree(program: Program): LabelledTree {
  const full = programNode(program, false);
  return flatten(size(full) > MAX_NODES ? cut(programNode(program, true), MAX_NODES) : full);
}

function size(node: Node): number {
  return node.children.reduce((sum, child) => sum + size(child), 1);
}

/** The first nodes of a tree in breadth-first order. */
function cut(root: Node, limit: number): Node {
  const kept = new Set<Node>([root]);
  const queue = [root];
  for (let node = queue.shift(); node; node = queue.shift()) {
    for (const child of node.children) {
      if (kept.size >= limit) continue;
      kept.add(child);
      queue.push(child);
    }
  }
  const copy = (node: Node): Node => ({
    label: node.label,
    children: node.children.filter((child) => kept.has(child)).map(copy),
  });
  return copy(root);
}

function programNode(program: Program, short: boolean): Node {
  const method = (node: FunctionDefinition): Node => ({
    label: `function/${node.parameters.length}`,
    children: node.body.flatMap((statement) => statementNode(statement, short)),
  });
  return { label: 'program', children: [method(program.entry), ...program.methods.map(method)] };
}

function statementNode(node: Statement, short: boolean): Node[] {
  if (node.kind === 'pass') return [];
  const label = node.kind === 'augmentedAssign' ? `assign${node.operator}` : node.kind;
  const expressions = statementExpressions(node).map((child) => expressionNode(child, short));
  const blocks = statementBlocks(node)
    .filter((block) => block.length > 0)
    .map((block) => ({ label: 'block', children: block.flatMap((child) => statementNode(child, short)) }));
  return [{ label, children: [...expressions, ...blocks] }];
}

function expressionNode(node: Expression, short: boolean): Node {
  // `await` is often only a matter of taste.
  if (node.kind === 'await') return expressionNode(node.value, short);
  if (node.kind === 'operatorCall') {
    const children = [...node.arguments]
      .sort((a, b) => (a.parameter < b.parameter ? -1 : 1))
      .map((argument) => ({ label: argument.parameter, children: [expressionNode(argument.value, short)] }));
    return { label: `operator ${node.operator}`, children };
  }
  if (
    short &&
    !childExpressions(node).some((child) => child.kind === 'operatorCall' || child.kind === 'await')
  ) {
    return { label: labelOf(node), children: [] };
  }
  return {
    label: labelOf(node),
    children: childExpressions(node).map((child) => expressionNode(child, short)),
  };
}

function labelOf(node: Expression): string {
  switch (node.kind) {
    case 'int':
      return `int ${node.digits}`;
    case 'bool':
      return `bool ${String(node.value)}`;
    case 'builtin':
      return `builtin ${node.name}`;
    case 'methodCall':
      return `method ${node.method}`;
    case 'attribute':
      return `attribute ${node.name}`;
    case 'unary':
    case 'binary':
    case 'boolean':
      return `${node.kind} ${node.operator}`;
    case 'comparison':
      return `comparison ${node.steps.map((step) => step.operator).join(' ')}`;
    case 'comprehension':
      return `comprehension ${node.form}`;
    case 'usage':
      return `usage ${node.field}`;
    default:
      return node.kind;
  }
}

function flatten(root: Node): LabelledTree {
  const labels: string[] = [];
  const leftmost: number[] = [];
  const visit = (node: Node): number => {
    let first = -1;
    for (const child of node.children) {
      const leaf = visit(child);
      if (first < 0) first = leaf;
    }
    labels.push(node.label);
    leftmost.push(first < 0 ? labels.length - 1 : first);
    return first < 0 ? labels.length - 1 : first;
  };
  visit(root);
  const last = new Map<number, number>();
  leftmost.forEach((leaf, index) => last.set(leaf, index));
  return { labels, leftmost, keyRoots: [...last.values()].sort((a, b) => a - b) };
}

function editDistance(a: LabelledTree, b: LabelledTree): number {
  const columns = b.labels.length;
  const distances = new Float64Array(a.labels.length * columns);
  const forest = new Float64Array((a.labels.length + 1) * (columns + 1));
  for (const i of a.keyRoots) for (const j of b.keyRoots) treeDistance(a, b, i, j, distances, forest);
  return distances[distances.length - 1] ?? 0;
}

function treeDistance(
  a: LabelledTree,
  b: LabelledTree,
  i: number,
  j: number,
  distances: Float64Array,
  forest: Float64Array,
): void {
  const columns = b.labels.length;
  const width = columns + 1;
  const firstA = a.leftmost[i] ?? 0;
  const firstB = b.leftmost[j] ?? 0;
  forest[0] = 0;
  for (let x = firstA; x <= i; x++) forest[(x - firstA + 1) * width] = x - firstA + 1;
  for (let y = firstB; y <= j; y++) forest[y - firstB + 1] = y - firstB + 1;
  for (let x = firstA; x <= i; x++) {
    const row = (x - firstA + 1) * width;
    const leafA = a.leftmost[x] ?? 0;
    for (let y = firstB; y <= j; y++) {
      const column = y - firstB + 1;
      const leafB = b.leftmost[y] ?? 0;
      const remove = (forest[row - width + column] ?? 0) + 1;
      const insert = (forest[row + column - 1] ?? 0) + 1;
      if (leafA === firstA && leafB === firstB) {
        const relabel = (forest[row - width + column - 1] ?? 0) + (a.labels[x] === b.labels[y] ? 0 : 2);
        const best = Math.min(remove, insert, relabel);
        forest[row + column] = best;
        distances[x * columns + y] = best;
      } else {
        const before =
          (forest[(leafA - firstA) * width + (leafB - firstB)] ?? 0) + (distances[x * columns + y] ?? 0);
        forest[row + column] = Math.min(remove, insert, before);
      }
    }
  }
}
