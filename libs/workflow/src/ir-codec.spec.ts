import { describe, expect, it } from 'vitest';
import { Program as ProgramMessage } from '@flowreasoner/contracts/workflow';
import { checkWorkflow } from './check-workflow.js';
import { programFromMessage, programToMessage } from './ir-codec.js';
import type { Expression, Statement } from './ir.js';
import { readCorpus } from './testing/corpus.js';
import { visitStatements } from './walk.js';

const EXPRESSIONS: Record<Expression['kind'], true> = {
  none: true,
  bool: true,
  int: true,
  float: true,
  string: true,
  formatted: true,
  name: true,
  builtin: true,
  selfAttribute: true,
  prompt: true,
  usage: true,
  attribute: true,
  subscript: true,
  slice: true,
  operatorCall: true,
  helperCall: true,
  methodCall: true,
  call: true,
  await: true,
  unary: true,
  binary: true,
  boolean: true,
  comparison: true,
  conditional: true,
  list: true,
  tuple: true,
  set: true,
  dict: true,
  comprehension: true,
  lambda: true,
  starred: true,
  named: true,
};
const STATEMENTS: Record<Statement['kind'], true> = {
  assign: true,
  augmentedAssign: true,
  expression: true,
  if: true,
  for: true,
  while: true,
  break: true,
  continue: true,
  pass: true,
  return: true,
  raise: true,
  try: true,
  functionDefinition: true,
};

describe('the codec', () => {
  it('keeps every kind of node over the wire, in bytes', () => {
    const kinds = new Set<string>();
    for (const { source } of readCorpus()) {
      const { program, valid } = checkWorkflow(source);
      if (!program || !valid) continue;
      const bytes = ProgramMessage.encode(programToMessage(program)).finish();
      expect(programFromMessage(ProgramMessage.decode(bytes))).toEqual(program);
      for (const method of [program.entry, ...program.methods]) {
        visitStatements(method.body, {
          statement: (node) => kinds.add(node.kind),
          expression: (node) => kinds.add(node.kind),
        });
      }
    }
    expect(
      [...Object.keys(EXPRESSIONS), ...Object.keys(STATEMENTS)].filter((kind) => !kinds.has(kind)),
    ).toEqual([]);
  });

  it('refuses a message with an empty node', () => {
    const empty = ProgramMessage.fromPartial({ entry: { body: [{}] } });
    expect(() => programFromMessage(empty)).toThrow('empty node');
  });
});
