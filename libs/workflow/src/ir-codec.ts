import type { Program as ProgramMessage } from '@flowreasoner/contracts/workflow';
import type { Program } from './ir.js';

/**
 * Converts between the working form of a program and its protobuf message. Both
 * have the same names and fields; the one difference is how a variant is told:
 * `{ kind, range, …fields }` here, `{ range, node: { $case, value: fields } }`
 * there. Converting by that shape alone keeps the two from drifting apart, and
 * the round trip is tested on every kind of node.
 */
export function programToMessage(program: Program): ProgramMessage {
  return encode(program) as ProgramMessage;
}

/** The program of a message; the message must come from {@link programToMessage}. */
export function programFromMessage(message: ProgramMessage): Program {
  return decode(message) as Program;
}

type Fields = Record<string, unknown>;

function encode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== 'object' || value === null) return value;
  const { kind, range } = value as Fields;
  const fields: Fields = {};
  for (const name of Object.keys(value)) {
    if (name !== 'kind' && name !== 'range') fields[name] = encode((value as Fields)[name]);
  }
  if (typeof kind !== 'string') return range === undefined ? fields : { range, ...fields };
  // A local function is a FunctionDefinition, which has a range of its own.
  const inner = kind === 'functionDefinition' ? { range, ...fields } : fields;
  return { range, node: { $case: kind, value: inner } };
}

function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== 'object' || value === null) return value;
  const { node, ...rest } = value as Fields & { node?: { $case: string; value: unknown } | undefined };
  const fields: Fields = {};
  for (const [name, field] of Object.entries(rest)) fields[name] = decode(field);
  if (!('node' in value)) return fields;
  if (!node) throw new RangeError('a program message with an empty node has no meaning');
  return { ...fields, kind: node.$case, ...(decode(node.value) as Fields) };
}
