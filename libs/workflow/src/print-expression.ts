import type { Argument, Expression, FormattedPart, FunctionParameter } from './ir.js';

/** Binding strength of expressions, weakest first, as in Python's grammar. */
const LEVEL = {
  named: 0,
  lambda: 1,
  conditional: 2,
  or: 3,
  and: 4,
  not: 5,
  comparison: 6,
  '|': 7,
  '^': 8,
  '&': 9,
  '<<': 10,
  '>>': 10,
  '+': 11,
  '-': 11,
  '*': 12,
  '/': 12,
  '//': 12,
  '%': 12,
  sign: 13,
  '**': 14,
  await: 15,
  primary: 16,
} as const;

function levelOf(node: Expression): number {
  switch (node.kind) {
    case 'named':
    case 'lambda':
    case 'conditional':
    case 'comparison':
    case 'await':
      return LEVEL[node.kind];
    case 'boolean':
    case 'binary':
      return LEVEL[node.operator];
    case 'unary':
      return node.operator === 'not' ? LEVEL.not : LEVEL.sign;
    default:
      return LEVEL.primary;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const TO_ESCAPE =
  /[\\"'\u0000-\u001f\u007f-\u00a0\u2028\u2029\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
function printFloat(value: number): string {
  if (value === Infinity) return '1e999';
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Prints expressions; strings are put in the given quotes. */
class ExpressionPrinter {
  /** Prints what stands inside an f-string: the other quotes keep it valid before Python 3.12. */
  private get inner(): ExpressionPrinter {
    return this.quote === '"' ? SINGLE : DOUBLE;
  }

  constructor(private readonly quote: '"' | "'") {}

  /** Prints an expression; one that binds more weakly than `least` gets brackets. */
  printExpression(node: Expression, least: number = LEVEL.lambda): string {
    const text = this.print(node);
    return levelOf(node) < least ? `(${text})` : text;
  }

  print(node: Expression): string {
    switch (node.kind) {
      case 'none':
        return 'None';
      case 'bool':
        return node.value ? 'True' : 'False';
      case 'int':
        return node.digits;
      case 'float':
        return printFloat(node.value);
      case 'string':
        return this.printString(node.value);
      case 'formatted':
        return this.printFormatted(node.parts);
      case 'name':
        return node.name;
      case 'builtin':
        return node.name === 'collections.Counter' ? 'Counter' : node.name;
      case 'selfAttribute':
        return `self.${node.name}`;
      case 'prompt':
        return `prompt_custom.${node.name}`;
      case 'usage':
        return `self.llm.get_usage_summary()${node.field === '' ? '' : `[${this.printString(node.field)}]`}`;
      case 'attribute':
        return `${this.printObject(node.object)}.${node.name}`;
      case 'subscript':
        return `${this.printObject(node.object)}[${this.printIndex(node.index)}]`;
      case 'slice':
        return this.printIndex(node);
      case 'operatorCall':
        return `self.${node.attribute}(${node.arguments.map((item) => `${item.parameter}=${this.printExpression(item.value)}`).join(', ')})`;
      case 'helperCall':
        return `self.${node.method}(${this.printArguments(node.arguments)})`;
      case 'methodCall':
        return `${this.printObject(node.object)}.${node.method}(${this.printArguments(node.arguments)})`;
      case 'call':
        return `${this.printObject(node.function)}(${this.printArguments(node.arguments)})`;
      case 'await':
        return `await ${this.printExpression(node.value, LEVEL.primary)}`;
      case 'unary':
        return node.operator === 'not'
          ? `not ${this.printExpression(node.operand, LEVEL.not)}`
          : `${node.operator}${this.printExpression(node.operand, LEVEL.sign)}`;
      case 'binary':
        return this.printBinary(node);
      case 'boolean':
        return node.operands
          .map((operand) => this.printExpression(operand, LEVEL[node.operator] + 1))
          .join(` ${node.operator} `);
      case 'comparison':
        return [
          this.printExpression(node.left, LEVEL.comparison + 1),
          ...node.steps.map(
            (step) => `${step.operator} ${this.printExpression(step.right, LEVEL.comparison + 1)}`,
          ),
        ].join(' ');
      case 'conditional': {
        const strong = LEVEL.conditional + 1;
        return `${this.printExpression(node.then, strong)} if ${this.printExpression(node.test, strong)} else ${this.printExpression(node.otherwise)}`;
      }
      case 'list':
        return `[${node.items.map((item) => this.printArgument(item)).join(', ')}]`;
      case 'set':
        return `{${node.items.map((item) => this.printArgument(item)).join(', ')}}`;
      case 'tuple':
        return node.items.length === 1
          ? `(${node.items.map((item) => this.printArgument(item)).join('')},)`
          : `(${node.items.map((item) => this.printArgument(item)).join(', ')})`;
      case 'dict':
        return `{${node.entries
          .map((entry) =>
            entry.key
              ? `${this.printExpression(entry.key)}: ${this.printExpression(entry.value)}`
              : `**${this.printExpression(entry.value, LEVEL['|'])}`,
          )
          .join(', ')}}`;
      case 'comprehension':
        return this.printComprehension(node);
      case 'lambda': {
        const parameters = this.printParameters(node.parameters).join(', ');
        return `lambda${parameters === '' ? '' : ` ${parameters}`}: ${this.printExpression(node.body)}`;
      }
      case 'starred':
        return `*${this.printExpression(node.value, LEVEL['|'])}`;
      case 'named':
        return `${node.name} := ${this.printExpression(node.value)}`;
    }
  }

  /** What stands before ".", "[" or "(": a number needs brackets there. */
  printObject(node: Expression): string {
    const text = this.printExpression(node, LEVEL.primary);
    return node.kind === 'int' || node.kind === 'float' ? `(${text})` : text;
  }

  printBinary(node: Extract<Expression, { kind: 'binary' }>): string {
    const level = LEVEL[node.operator];
    if (node.operator === '**') {
      return `${this.printExpression(node.left, LEVEL.await)} ** ${this.printExpression(node.right, LEVEL.sign)}`;
    }
    return `${this.printExpression(node.left, level)} ${node.operator} ${this.printExpression(node.right, level + 1)}`;
  }

  printIndex(node: Expression): string {
    if (node.kind !== 'slice') return this.printExpression(node, LEVEL.lambda);
    const bound = (value: Expression | undefined) => (value ? this.printExpression(value) : '');
    const step = node.step ? `:${this.printExpression(node.step)}` : '';
    return `${bound(node.lower)}:${bound(node.upper)}${step}`;
  }

  printArguments(args: readonly Argument[]): string {
    const [only] = args;
    if (only && args.length === 1 && only.value.kind === 'comprehension' && only.value.form === 'generator') {
      if (only.name === '') return this.print(only.value).slice(1, -1);
    }
    return args
      .map(
        (argument) =>
          `${argument.name === '' ? '' : `${argument.name}=`}${this.printArgument(argument.value)}`,
      )
      .join(', ');
  }

  /** Prints an item of a display or call, which may be starred. */
  printArgument(node: Expression): string {
    return node.kind === 'starred' ? this.print(node) : this.printExpression(node);
  }

  /** Prints parameters with their defaults. */
  printParameters(parameters: readonly FunctionParameter[]): string[] {
    return parameters.map((parameter) =>
      parameter.defaultValue
        ? `${parameter.name}=${this.printExpression(parameter.defaultValue)}`
        : parameter.name,
    );
  }

  printComprehension(node: Extract<Expression, { kind: 'comprehension' }>): string {
    const head = node.value
      ? `${this.printExpression(node.element)}: ${this.printExpression(node.value)}`
      : this.printExpression(node.element);
    const clauses = node.clauses.map((clause) => {
      const conditions = clause.conditions
        .map((condition) => ` if ${this.printExpression(condition, LEVEL.or)}`)
        .join('');
      return ` for ${this.printTarget(clause.target)} in ${this.printExpression(clause.iterable, LEVEL.or)}${conditions}`;
    });
    const inner = head + clauses.join('');
    if (node.form === 'list') return `[${inner}]`;
    return node.form === 'generator' ? `(${inner})` : `{${inner}}`;
  }

  printTarget(node: Expression): string {
    if (node.kind !== 'tuple' || node.items.length < 2) return this.printExpression(node);
    return node.items.map((item) => this.printArgument(item)).join(', ');
  }

  escape(text: string): string {
    return text.replace(TO_ESCAPE, (char) => {
      const code = char.charCodeAt(0);
      if (char === '"' || char === "'") return char === this.quote ? `\\${char}` : char;
      return (
        ESCAPES[char] ??
        (code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`)
      );
    });
  }

  /** Prints a string with double quotes on one line. */
  printString(text: string): string {
    return `${this.quote}${this.escape(text)}${this.quote}`;
  }

  printParts(parts: readonly FormattedPart[], inSpec: boolean): string {
    return parts
      .map((part) => {
        if (!part.value)
          return inSpec ? part.text : this.escape(part.text).replaceAll('{', '{{').replaceAll('}', '}}');
        const value = this.inner.printExpression(part.value, LEVEL.conditional);
        // A brace at the start would read as a doubled one.
        const start = value.startsWith('{') ? ' ' : '';
        const conversion = part.conversion === '' ? '' : `!${part.conversion}`;
        const spec = part.spec.length === 0 ? '' : `:${this.printParts(part.spec, true)}`;
        return `{${start}${value}${conversion}${spec}}`;
      })
      .join('');
  }

  private printFormatted(parts: readonly FormattedPart[]): string {
    return `f${this.quote}${this.printParts(parts, false)}${this.quote}`;
  }
}

const DOUBLE = new ExpressionPrinter('"');
const SINGLE = new ExpressionPrinter("'");

/** Prints an expression. */
export function printExpression(node: Expression): string {
  return DOUBLE.printExpression(node);
}

/** Prints an item of a display or call, which may be starred. */
export function printArgument(node: Expression): string {
  return DOUBLE.printArgument(node);
}

/** Prints parameters with their defaults. */
export function printParameters(parameters: readonly FunctionParameter[]): string[] {
  return DOUBLE.printParameters(parameters);
}

/** Prints a string with double quotes on one line. */
export function printString(text: string): string {
  return DOUBLE.printString(text);
}
