import { raise } from '../errors.js';
import type { Evaluation } from '../evaluation.js';
import { callValue, type CallArguments } from '../functions.js';
import { sequenceCursor } from '../iteration.js';
import type { Machine } from '../machine.js';
import { expandTemplate, findAll, findFirst, matchGroup, toPattern, type Anchor } from '../regex.js';
import {
  FunctionValue,
  BuiltinValue,
  IteratorValue,
  ListValue,
  type MatchValue,
  type PatternValue,
  TupleValue,
  type Value,
} from '../values.js';
import { bind, forceArguments, integerArgument, pure, stringArgument, type Builtin } from './builtin.js';

const SUBJECT = 'expected string or bytes-like object; argument';

/** What `findall` gives for a match: the whole, its one group, or a tuple of its groups. */
function found(match: MatchValue): Value {
  if (match.groups.length === 1) return matchGroup(match, 0n) ?? '';
  const groups = match.groups.slice(1).map((_, i) => matchGroup(match, BigInt(i + 1)) ?? '');
  return groups.length === 1 ? (groups[0] as string) : new TupleValue(groups);
}

function* split(machine: Machine, pattern: PatternValue, text: string, most: bigint): Evaluation<Value> {
  const parts: Value[] = [];
  let end = 0;
  for (const match of yield* findAll(machine, pattern, text, most > 0n ? Number(most) : Infinity)) {
    const [whole] = match.groups;
    if (whole === undefined) continue;
    parts.push(
      text.slice(end, whole.start),
      ...match.groups.slice(1).map((_, i) => matchGroup(match, BigInt(i + 1))),
    );
    end = whole.end;
  }
  parts.push(text.slice(end));
  return new ListValue(parts);
}

function* substitute(
  machine: Machine,
  pattern: PatternValue,
  replacement: Value,
  text: string,
  most: bigint,
  path: string,
): Evaluation<Value> {
  const pieces: string[] = [];
  let end = 0;
  let length = 0;
  const matches = yield* findAll(machine, pattern, text, most > 0n ? Number(most) : Infinity);
  for (const [i, match] of matches.entries()) {
    const [whole] = match.groups;
    if (whole === undefined) continue;
    const isFunction = replacement instanceof FunctionValue || replacement instanceof BuiltinValue;
    const inserted = isFunction
      ? yield* callValue(machine, replacement, { positional: [match], named: new Map() }, `${path}:${i}`)
      : expandTemplate(machine.meter, stringArgument(replacement, 'replacement'), match);
    const piece = stringArgument(yield* machine.force(inserted), 'the replacement');
    pieces.push(text.slice(end, whole.start), piece);
    length += whole.start - end + piece.length;
    machine.meter.string(length);
    end = whole.end;
  }
  pieces.push(text.slice(end));
  return pieces.join('');
}

/** `sub` of a module call or of a compiled pattern. */
export function* sub(machine: Machine, args: CallArguments, path: string): Evaluation<Value> {
  const [pattern, replacement, text, count, flags] = bind('sub', yield* forceArguments(machine, args), [
    'pattern',
    'repl',
    'string',
    'count?',
    'flags?',
  ]);
  return yield* substitute(
    machine,
    toPattern(pattern, flags),
    replacement as Value,
    stringArgument(text, SUBJECT),
    count === undefined ? 0n : integerArgument(count),
    path,
  );
}

function first(anchor: Anchor): Builtin {
  return pure(anchor, ['pattern', 'string', 'flags?'], ([pattern, text, flags], { meter }) =>
    findFirst(meter, toPattern(pattern, flags), stringArgument(text, SUBJECT), anchor),
  );
}

function all(name: string, give: (matches: readonly MatchValue[]) => Value): Builtin {
  return function* (machine, args) {
    const [pattern, text, flags] = bind(name, yield* forceArguments(machine, args), [
      'pattern',
      'string',
      'flags?',
    ]);
    return give(yield* findAll(machine, toPattern(pattern, flags), stringArgument(text, SUBJECT)));
  };
}

/** Functions of `re`. */
export const REGEX: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['re.compile', pure('compile', ['pattern', 'flags?'], ([pattern, flags]) => toPattern(pattern, flags))],
  ['re.search', first('search')],
  ['re.match', first('match')],
  ['re.fullmatch', first('fullmatch')],
  ['re.findall', all('findall', (matches) => new ListValue(matches.map(found)))],
  [
    're.finditer',
    all('finditer', (matches) => new IteratorValue('callable_iterator', sequenceCursor(matches))),
  ],
  [
    're.split',
    function* (machine, args) {
      const bound = bind('split', yield* forceArguments(machine, args), [
        'pattern',
        'string',
        'maxsplit?',
        'flags?',
      ]);
      const [pattern, text, most, flags] = bound;
      const limit = most === undefined ? 0n : integerArgument(most);
      return yield* split(machine, toPattern(pattern, flags), stringArgument(text, SUBJECT), limit);
    },
  ],
  ['re.sub', sub],
  [
    're.escape',
    pure('escape', ['pattern'], ([pattern]) => {
      return stringArgument(pattern, 'pattern').replace(/[\s!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]/g, (char) =>
        '!"%\',/:;<=>@`'.includes(char) ? char : `\\${char}`,
      );
    }),
  ],
]);

/** Methods of compiled patterns, which are the module's functions with the pattern given. */
export function* callPatternMethod(
  machine: Machine,
  pattern: PatternValue,
  name: string,
  args: CallArguments,
  path: string,
): Evaluation<Value> {
  const builtin = REGEX.get(`re.${name}`);
  if (builtin === undefined) throw raise('AttributeError', `'re.Pattern' object has no attribute '${name}'`);
  return yield* builtin(machine, { positional: [pattern, ...args.positional], named: args.named }, path);
}
