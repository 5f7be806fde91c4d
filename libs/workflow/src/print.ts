import type { FunctionDefinition, Handler, Program, Statement } from './ir.js';
import { printArgument, printExpression, printParameters, printString } from './print-expression.js';
import { OPERATORS } from './operators.js';

const INDENT = '    ';

/**
 * Prints a program in its normal form: one layout and one way of quoting, names
 * kept, comments, docstrings, annotations and ignored statements left out.
 * Parsing the result gives the same program but for ranges, and printing that
 * gives the same text.
 */
export function printWorkflow(program: Program): string {
  const lines: string[] = [`class ${program.className}:`];
  if (program.bindings.length > 0 || program.attributes.length > 0) lines.push(...printInit(program));
  for (const method of [...program.methods, program.entry]) {
    if (lines.length > 1) lines.push('');
    lines.push(...printFunction(method, INDENT, true));
  }
  return `${lines.join('\n')}\n`;
}

function printInit(program: Program): string[] {
  const lines = [`${INDENT}def __init__(self, name, llm_config, dataset):`];
  for (const binding of program.bindings) {
    const className = OPERATORS.get(binding.operator)?.className ?? binding.operator;
    const args = [
      'self.llm',
      ...binding.arguments.map((item) => `${item.parameter}=${printExpression(item.value)}`),
    ];
    lines.push(`${INDENT}${INDENT}self.${binding.attribute} = operator.${className}(${args.join(', ')})`);
  }
  for (const attribute of program.attributes) {
    lines.push(`${INDENT}${INDENT}self.${attribute.attribute} = ${printExpression(attribute.value)}`);
  }
  return lines;
}

function printFunction(node: FunctionDefinition, indent: string, isMethod: boolean): string[] {
  const parameters = printParameters(node.parameters);
  const all = isMethod ? ['self', ...parameters] : parameters;
  const head = `${indent}${node.isAsync ? 'async ' : ''}def ${node.name}(${all.join(', ')}):`;
  return [head, ...printBlock(node.body, indent + INDENT)];
}

function printBlock(block: readonly Statement[], indent: string): string[] {
  const shown = block.filter((statement) => statement.kind !== 'pass');
  if (shown.length === 0) return [`${indent}pass`];
  return shown.flatMap((statement) => printStatement(statement, indent));
}

function printStatement(node: Statement, indent: string): string[] {
  switch (node.kind) {
    case 'assign':
      return [`${indent}${[...node.targets.map(printBare), printBare(node.value)].join(' = ')}`];
    case 'augmentedAssign':
      return [`${indent}${printExpression(node.target)} ${node.operator}= ${printBare(node.value)}`];
    case 'expression':
      return [`${indent}${printBare(node.value)}`];
    case 'if':
      return printIf(node, indent, 'if');
    case 'while':
      return [
        `${indent}while ${printExpression(node.test)}:`,
        ...printBlock(node.body, indent + INDENT),
        ...printElse(node.otherwise, indent),
      ];
    case 'for':
      return [
        `${indent}for ${printBare(node.target)} in ${printBare(node.iterable)}:`,
        ...printBlock(node.body, indent + INDENT),
        ...printElse(node.otherwise, indent),
      ];
    case 'break':
    case 'continue':
    case 'pass':
      return [`${indent}${node.kind}`];
    case 'return':
      return [node.value ? `${indent}return ${printBare(node.value)}` : `${indent}return`];
    case 'raise': {
      const from = node.cause ? ` from ${printExpression(node.cause)}` : '';
      return [node.exception ? `${indent}raise ${printExpression(node.exception)}${from}` : `${indent}raise`];
    }
    case 'try':
      return [
        `${indent}try:`,
        ...printBlock(node.body, indent + INDENT),
        ...node.handlers.flatMap((handler) => printHandler(handler, indent)),
        ...printElse(node.otherwise, indent),
        ...(node.finalizer.length > 0
          ? [`${indent}finally:`, ...printBlock(node.finalizer, indent + INDENT)]
          : []),
      ];
    case 'functionDefinition':
      return printFunction(node, indent, false);
  }
}

/** A tuple needs no brackets here. */
function printBare(node: Parameters<typeof printExpression>[0]): string {
  if (node.kind !== 'tuple' || node.items.length === 0) return printExpression(node);
  const items = node.items.map((item) => printArgument(item));
  return items.length === 1 ? `${items[0] ?? ''},` : items.join(', ');
}

function printIf(node: Extract<Statement, { kind: 'if' }>, indent: string, word: 'if' | 'elif'): string[] {
  const lines = [
    `${indent}${word} ${printExpression(node.test)}:`,
    ...printBlock(node.body, indent + INDENT),
  ];
  const [only] = node.otherwise;
  if (only?.kind === 'if' && node.otherwise.length === 1) return [...lines, ...printIf(only, indent, 'elif')];
  return [...lines, ...printElse(node.otherwise, indent)];
}

function printElse(block: readonly Statement[], indent: string): string[] {
  return block.length === 0 ? [] : [`${indent}else:`, ...printBlock(block, indent + INDENT)];
}

function printHandler(handler: Handler, indent: string): string[] {
  const [only] = handler.types;
  const types =
    handler.types.length > 1 ? ` (${handler.types.join(', ')})` : only === undefined ? '' : ` ${only}`;
  // `as` needs a type.
  const head = `${types}${handler.name === '' ? '' : `${types === '' ? ' Exception' : ''} as ${handler.name}`}`;
  return [`${indent}except${head}:`, ...printBlock(handler.body, indent + INDENT)];
}

/** Prints prompts as the content of a <prompt> section. */
export function printPrompts(program: Program): string {
  return program.prompts.map((prompt) => `${prompt.name} = ${printString(prompt.text)}\n`).join('');
}
