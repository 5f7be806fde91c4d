import { createHash } from 'node:crypto';
import { OperatorError } from '../interpreter/errors.js';
import type { OperatorOutput, OperatorRequest } from '../interpreter/operator-port.js';
import { OPERATORS } from '../operators.js';

const TEXTS = [
  ...['42', 'good {}', 'first {}\nsecond line', 'Yes, {}', '', '3.5'],
  ...["def f(x):\n    return '{}'", 'A'],
];

/** Results made of a hash of operator and arguments, as those of run_workflows.py; one call in 17 fails. */
export function hashedResult(request: OperatorRequest): ReadonlyMap<string, OperatorOutput> {
  const { operator } = request;
  const names = [...request.arguments.keys()].sort();
  const key = `${operator}\0${names.map((name) => `${name}\0${request.arguments.get(name)?.text ?? ''}\0`).join('')}`;
  const mark = numberOf(key);
  if (mark % 17 === 0) throw new OperatorError('RuntimeError', `${operator} failed: ${mark % 1000}`);
  const fields = OPERATORS.get(operator)?.resultFields ?? [];
  const n = request.arguments.get('n')?.text ?? '';
  const count = /^\d+$/.test(n) ? Number(n) : 3;
  return new Map(fields.map((field) => [field, output(key, field, count)]));
}

function output(key: string, field: string, count: number): OperatorOutput {
  if (field === 'result' || field === 'review_result') return numberOf(key + field) % 2 === 0;
  if (field === 'responses') return Array.from({ length: count }, (_, i) => textOf(key, String(i)));
  return textOf(key, field);
}

function textOf(key: string, field: string): string {
  const mark = digest(key + field);
  return (TEXTS[parseInt(mark.slice(0, 8), 16) % TEXTS.length] ?? '').replaceAll('{}', mark.slice(8, 16));
}

function numberOf(text: string): number {
  return parseInt(digest(text).slice(0, 8), 16);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
