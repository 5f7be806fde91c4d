import type { SyntaxNode } from '@lezer/common';
import type { BinaryOperator, ComparisonOperator, ComparisonStep, Expression, SourceRange } from '../ir.js';
import type { BuildContext } from './cst.js';
import { childrenOf, fail, failSyntax, nodeRange, textOf } from './cst.js';

/** Builds an operand, which is no operator expression. */
type BuildOperand = (node: SyntaxNode) => Expression;

/** An operator or operand of a flattened expression. */
interface Item {
  readonly node: SyntaxNode;
  /** Operator text; undefined for an operand. */
  readonly operator: string | undefined;
}

const FLATTENED = new Set(['BinaryExpression', 'UnaryExpression', 'AwaitExpression']);

/** Whether a node is an operator expression. */
export function isOperatorExpression(node: SyntaxNode): boolean {
  return FLATTENED.has(node.name);
}

/**
 * Builds an operator expression. `@lezer/python` gives `not` and `await` the
 * wrong extent (`await a + b` comes as `await (a + b)`) and takes `a == not b`,
 * so operators and operands are laid out in order and grouped again by Python's
 * own precedence.
 */
export function buildOperators(context: BuildContext, node: SyntaxNode, operand: BuildOperand): Expression {
  const items: Item[] = [];
  flatten(context, node, items);
  const reader = new OperatorReader(context, items, operand, node);
  return reader.read();
}

function flatten(context: BuildContext, node: SyntaxNode, items: Item[]): void {
  for (const child of childrenOf(node)) {
    if (FLATTENED.has(child.name)) flatten(context, child, items);
    else items.push({ node: child, operator: operatorText(context, child) });
  }
}

const OPERATOR_NODES = new Set(['ArithOp', 'BitOp', 'CompareOp', 'await', 'not', 'and', 'or', 'in', 'is']);

function operatorText(context: BuildContext, node: SyntaxNode): string | undefined {
  return OPERATOR_NODES.has(node.name) ? textOf(context, node) : undefined;
}

const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '//', '%'],
];
const COMPARE = new Set(['==', '!=', '<', '<=', '>', '>=']);

class OperatorReader {
  private at = 0;

  constructor(
    private readonly context: BuildContext,
    private readonly items: readonly Item[],
    private readonly operand: BuildOperand,
    private readonly whole: SyntaxNode,
  ) {}

  read(): Expression {
    const value = this.chain('or');
    const rest = this.items[this.at];
    if (rest) failSyntax(this.context, rest.node);
    return value;
  }

  private peek(): string | undefined {
    return this.items[this.at]?.operator;
  }

  private take(): Item {
    const item = this.items[this.at++];
    return item ?? failSyntax(this.context, this.whole);
  }

  private chain(operator: 'or' | 'and'): Expression {
    const next = () => (operator === 'or' ? this.chain('and') : this.negation());
    const first = next();
    if (this.peek() !== operator) return first;
    const operands = [first];
    while (this.peek() === operator) {
      this.take();
      operands.push(next());
    }
    return { kind: 'boolean', range: span(first, operands.at(-1)), operator, operands };
  }

  private negation(): Expression {
    if (this.peek() !== 'not') return this.comparison();
    const start = nodeRange(this.context, this.take().node);
    const operand = this.negation();
    return { kind: 'unary', range: join(start, operand.range), operator: 'not', operand };
  }

  private comparison(): Expression {
    const left = this.binary(0);
    const steps: ComparisonStep[] = [];
    for (let operator = this.compareOperator(); operator; operator = this.compareOperator()) {
      steps.push({ operator, right: this.binary(0) });
    }
    if (steps.length === 0) return left;
    return { kind: 'comparison', range: span(left, steps.at(-1)?.right), left, steps };
  }

  private compareOperator(): ComparisonOperator | undefined {
    const operator = this.peek();
    if (operator === undefined) return undefined;
    const next = this.items[this.at + 1]?.operator;
    if (COMPARE.has(operator) || operator === 'in') {
      this.take();
      return operator as ComparisonOperator;
    }
    if (operator === 'is') {
      this.take();
      if (next !== 'not') return 'is';
      this.take();
      return 'is not';
    }
    if (operator === 'not' && next === 'in') {
      this.take();
      this.take();
      return 'not in';
    }
    if (operator === '<>') {
      failSyntax(this.context, this.take().node, '"<>" is Python 2; write "!="');
    }
    return undefined;
  }

  private binary(level: number): Expression {
    const operators = LEVELS[level];
    if (!operators) return this.unary();
    let left = this.binary(level + 1);
    for (let text = this.peek(); text !== undefined; text = this.peek()) {
      if (text === '@' && level === LEVELS.length - 1) {
        fail(
          this.context,
          'FW021',
          this.take().node,
          'matrix multiplication "@" is not in the workflow language',
        );
      }
      const operator = operators.find((candidate) => candidate === text);
      if (!operator) break;
      this.take();
      const right = this.binary(level + 1);
      left = { kind: 'binary', range: span(left, right), operator, left, right };
    }
    return left;
  }

  private unary(): Expression {
    const operator = this.peek();
    if (operator !== '-' && operator !== '+' && operator !== '~') return this.power();
    const start = nodeRange(this.context, this.take().node);
    const operand = this.unary();
    return { kind: 'unary', range: join(start, operand.range), operator, operand };
  }

  private power(): Expression {
    const left = this.awaited();
    if (this.peek() !== '**') return left;
    this.take();
    const right = this.unary();
    return { kind: 'binary', range: span(left, right), operator: '**', left, right };
  }

  private awaited(): Expression {
    const isAwait = this.peek() === 'await';
    const start = isAwait ? nodeRange(this.context, this.take().node) : undefined;
    const item = this.take();
    if (item.operator !== undefined) failSyntax(this.context, item.node);
    const value = this.operand(item.node);
    return start ? { kind: 'await', range: join(start, value.range), value } : value;
  }
}

function span(from: Expression, to: Expression | undefined): SourceRange {
  return join(from.range, (to ?? from).range);
}

function join(from: SourceRange, to: SourceRange): SourceRange {
  return {
    startLine: from.startLine,
    startColumn: from.startColumn,
    endLine: to.endLine,
    endColumn: to.endColumn,
  };
}
