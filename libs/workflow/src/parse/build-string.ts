import type { SyntaxNode } from '@lezer/common';
import type { Expression, FormattedPart } from '../ir.js';
import type { BuildContext } from './cst.js';
import { childrenOf, failSyntax, nodeRange, textOf } from './cst.js';
import { stringPrefixAt } from './string-lexer.js';

/** Builds an expression. */
type Build = (node: SyntaxNode) => Expression;

/** Builds a string, an f-string or adjacent ones. */
export function buildString(context: BuildContext, node: SyntaxNode, build: Build): Expression {
  const range = nodeRange(context, node);
  const pieces = node.name === 'ContinuedString' ? childrenOf(node) : [node];
  const parts = pieces.flatMap((piece) =>
    piece.name === 'FormatString' ? formatParts(context, piece, build) : [text(plainValue(context, piece))],
  );
  if (pieces.every((piece) => piece.name === 'String')) {
    return { kind: 'string', range, value: parts.map((part) => part.text).join('') };
  }
  return { kind: 'formatted', range, parts: mergeText(parts) };
}

function text(value: string): FormattedPart {
  return { text: value, value: undefined, conversion: '', spec: [] };
}

function mergeText(parts: readonly FormattedPart[]): FormattedPart[] {
  const merged: FormattedPart[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (part.value === undefined && last && last.value === undefined) {
      merged[merged.length - 1] = text(last.text + part.text);
    } else if (part.value !== undefined || part.text !== '') merged.push(part);
  }
  return merged;
}

/** The text as the author wrote it: the tree's own text has its line breaks replaced. */
function original(context: BuildContext, from: number, to: number): string {
  return context.source.text.slice(context.base + from, context.base + to).replace(/\r\n?/g, '\n');
}

function plainValue(context: BuildContext, node: SyntaxNode): string {
  const start = stringPrefixAt(context.text, node.from);
  if (!start) return failSyntax(context, node);
  const open = start.prefix.length + start.quote.length;
  const inner = original(context, node.from + open, node.to - start.quote.length);
  return start.prefix.includes('r') ? inner : decodeEscapes(inner);
}

function formatParts(context: BuildContext, node: SyntaxNode, build: Build): FormattedPart[] {
  const start = stringPrefixAt(context.text, node.from);
  if (!start) return failSyntax(context, node);
  const raw = start.prefix.includes('r');
  const parts: FormattedPart[] = [];
  let from = node.from + start.prefix.length + start.quote.length;
  const literal = (to: number) => {
    // Escapes come first, as in Python: "\x7b" gives a brace that is text.
    const inner = original(context, from, to).replaceAll('{{', '{').replaceAll('}}', '}');
    if (inner !== '') parts.push(text(raw ? inner : decodeEscapes(inner)));
  };
  for (const child of childrenOf(node)) {
    if (child.name !== 'FormatReplacement') continue;
    literal(child.from);
    parts.push(...replacement(context, child, build));
    from = child.to;
  }
  literal(node.to - start.quote.length);
  return parts;
}

function replacement(context: BuildContext, node: SyntaxNode, build: Build): FormattedPart[] {
  const children = childrenOf(node);
  const values: SyntaxNode[] = [];
  let conversion = '';
  let debug = false;
  let spec: FormattedPart[] = [];
  let hasSpec = false;
  for (const child of children) {
    if (child.name === '{' || child.name === '}') continue;
    if (child.name === 'FormatConversion') conversion = textOf(context, child).slice(1);
    else if (child.name === 'FormatSelfDoc') debug = true;
    else if (child.name === 'FormatSpec') {
      spec = specParts(context, child, build);
      hasSpec = true;
    } else values.push(child);
  }
  const [value] = values;
  if (!value || values.length > 1) {
    return failSyntax(context, node, 'an f-string takes one value in "{…}"; put several in separate braces');
  }
  const part = { text: '', value: build(value), conversion, spec };
  if (!debug) return [part];
  const shown = original(context, node.from + 1, value.to) + sourceUpTo(context, value.to);
  return [text(shown), { ...part, conversion: conversion === '' && !hasSpec ? 'r' : conversion }];
}

/** `=` of a self-documenting expression with the white space around it. */
function sourceUpTo(context: BuildContext, from: number): string {
  return /^\s*=\s*/.exec(context.text.slice(from, from + 64))?.[0] ?? '=';
}

function specParts(context: BuildContext, node: SyntaxNode, build: Build): FormattedPart[] {
  const parts: FormattedPart[] = [];
  let from = node.from + 1;
  for (const child of childrenOf(node)) {
    if (child.name !== 'FormatReplacement') continue;
    if (child.from > from) parts.push(text(original(context, from, child.from)));
    parts.push(...replacement(context, child, build));
    from = child.to;
  }
  if (node.to > from) parts.push(text(original(context, from, node.to)));
  return parts;
}

const SIMPLE: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const ESCAPES = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]))/g;

/** Resolves the escapes of a plain string; unknown ones stay as they are, as in Python. */
export function decodeEscapes(inner: string): string {
  if (!inner.includes('\\')) return inner;
  return inner.replace(ESCAPES, (whole: string, octal, x, u, long, other) => {
    if (typeof octal === 'string') return String.fromCharCode(parseInt(octal, 8));
    const hex: unknown = x ?? u ?? long;
    if (typeof hex === 'string') return String.fromCodePoint(parseInt(hex, 16));
    return (typeof other === 'string' ? SIMPLE[other] : undefined) ?? whole;
  });
}
