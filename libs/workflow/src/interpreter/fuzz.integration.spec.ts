import { describe, expect, it } from 'vitest';
import { checkWorkflow } from '../check-workflow.js';
import { BUILTIN_FUNCTIONS, EXCEPTIONS, METHODS, MODULE_MEMBERS } from '../check/builtins.js';
import type { Lambda, Program, Statement } from '../ir.js';
import { seededRandom } from '../testing/random.js';
import { BUILTIN_NAMES, callBuiltin } from './builtins/registry.js';
import { CallBook, CallSlots } from './call-book.js';
import { Brake, drive } from './drive.js';
import { isStackOverflow, Raised, Stop } from './errors.js';
import type { Evaluation } from './evaluation.js';
import { callFunction, type CallArguments } from './functions.js';
import { Machine, SharedRun } from './machine.js';
import { DEFAULT_LIMITS, Meter } from './meter.js';
import { methodNames } from './methods/names.js';
import { callMethod } from './methods/registry.js';
import { EMPTY_SCOPE } from './scope.js';
import { classAround } from './testing/run-source.js';
import { text } from './text.js';
import type { ListValue } from './values.js';
import { FunctionValue, IteratorValue, TupleValue, type Value } from './values.js';

const COUNT = process.env['FLOW_FULL'] === '1' ? 50_000 : 2_000;

/** Milliseconds of processor time that no call may take. */
const BOUND_MS = 2_000;

/** Values that are made to break what they are given to; each call gets new ones, made when it is given them. */
const HOSTILE_VALUES = `
deep = json.loads('[' * 150 + ']' * 150)
own = [1]
own.append(own)
knot = {'a': 1}
knot['knot'] = [knot]
proto = {'__proto__': 1, 'constructor': 2, 'toString': None, 'hasOwnProperty': 1.5}
odd = Counter({'a': 1.5, 'b': -1, 'c': 10 ** 30})
bad = Counter({'a': 'x', 'b': float('nan')})
xs = [3, 1, 2]
long = 'ab \\t' * 250000
found = re.search('(?P<__proto__>a)(b)?', 'xax')
return [
    0, 1, -1, 2, 3, 36, 255, 10 ** 9, 2 ** 31, 2 ** 53, 2 ** 63, -2 ** 63, 10 ** 400, -10 ** 400, 3 ** 40000,
    True, False, None, 0.0, -0.0, 0.5, 1e308, -1e308, 5e-324, float('nan'), float('inf'), float('-inf'),
    '', 'a', 'abc', '12', '-1_000', '1e400', '__proto__', 'constructor', '__class__', '\\x00', 'ß', '😀', '😀é' * 100,
    '%s %d %(a)s', '%*.*f', '%999999999d', '%c%x%e', '{} {0} {a}', '{0.__class__.__name__}', '{:>99999999}', '{:c}',
    '{:,.3%}', '{0[__proto__]}', '(a+)+$', '(((a)|b)*)*', '[', '(?P<x>a)', '\\\\1\\\\g<9>', '\\\\g<0>' * 500, 'x{1000}{9}',
    '[' * 1000, '[[1, {"__proto__": 1e999}], "\\\\ud800"]', '1' * 5000, '{"a":' * 300, long, long + 'é', 'x' * 4000000,
    [], [1], [0] * 100000, ['x' * 100000] * 1000, [float('nan')] * 3, [1, 'a', None], own, deep, [own, own],
    (), (1,), (1, 2), ((1, 2), (3, 4)), (own,), ('a', 'b'), (deep, 1.5),
    {}, {'a': 1}, knot, proto, {1: {2: {3: 4}}}, {97: 10 ** 9, 98: 'x' * 100000}, {(1, 'a'): [1]}, proto.keys(), knot.items(), proto.values(),
    set(), {1, 'a'}, frozenset([1, 2]), {True}, Counter('abca'), odd, bad,
    range(3), range(10 ** 15), range(10 ** 400), range(10 ** 400, 0, -10 ** 300), range(0),
    xs, map(lambda x: xs.append(x), xs), (xs.pop() for x in xs), iter(xs), zip(xs, own), enumerate(long), reversed(range(10 ** 15)),
    lambda: 1, lambda x: x, lambda x: xs.append(x), lambda x: 1 / 0, lambda x, y=own: y, lambda m: m.group(9),
    len, str, int, list, dict, str.lower, math.sqrt, json.dumps, ValueError, ValueError(own), KeyError('a', knot),
    re.compile('a*'), re.compile('(a)|b'), found,
]`;

const NAMED = (
  'key default reverse indent sort_keys separators ensure_ascii sep maxsplit count flags k weights cum_weights ' +
  'start stop step base ndigits mod keepends width fillchar return_exceptions strict __proto__ constructor a'
).split(' ');

/** Everything that a program can call by name. */
const FUNCTIONS = [
  ...new Set([...BUILTIN_NAMES, ...BUILTIN_FUNCTIONS.keys(), ...MODULE_MEMBERS.keys(), ...EXCEPTIONS.keys()]),
  ...[...METHODS.str].map((name) => `str.${name}`),
  ...[...METHODS.dict].map((name) => `dict.${name}`),
];

/** Words of the host's own errors, and of values that only the host has. */
const HOST_WORDS =
  /\[object |\bundefined\b|is not a function|is not iterable \(|Cannot (?:read|mix|convert|set|destructure)|Maximum|Invalid (?:array|string|code point|count|time)|BigInt|\.[jt]s:\d|node:|Symbol|prototype/;

const prelude = checkedProgram();

function checkedProgram(): Program {
  const { program, diagnostics } = checkWorkflow(classAround(HOSTILE_VALUES.trim()));
  const errors = diagnostics.filter(({ severity, code }) => severity === 'error' && code !== 'FW205');
  if (program === undefined || errors.length > 0) {
    throw new Error(errors.map(({ code, message }) => `${code}: ${message}`).join('\n'));
  }
  const { entry } = program;
  return { ...program, entry: { ...entry, body: entry.body.map(withItemsLater) } };
}

/** Gives functions that make the items of the list that is returned. */
function withItemsLater(statement: Statement): Statement {
  if (statement.kind !== 'return' || statement.value?.kind !== 'list') return statement;
  const items = statement.value.items.map((body): Lambda => {
    const { range } = body;
    return { kind: 'lambda', range, parameters: [], body };
  });
  return { ...statement, value: { ...statement.value, items } };
}

function newMachine(brake: Brake, seed: number): Machine {
  const ports = {
    callOperator: () => Promise.reject(new Error('no operator is called here')),
    usage: () => ({ total_cost: 0, total_input_tokens: 0, total_output_tokens: 0, call_count: 0 }),
    drive: <T>(evaluation: Evaluation<T>, signal: AbortSignal) => drive(evaluation, brake, signal),
  };
  const calls = new CallBook(new CallSlots(1), (stop) => {
    brake.pull(stop);
  });
  return new Machine(new SharedRun(prelude, ports, seed, true), new Meter(DEFAULT_LIMITS), calls);
}

/** Makes a value by its number. */
type Pool = readonly ((machine: Machine) => Evaluation<Value>)[];

function* hostileValues(machine: Machine): Evaluation<Pool> {
  const entry = new FunctionValue(
    '__call__',
    prelude.entry,
    EMPTY_SCOPE,
    new Map<string, Value>([['entry_point', 'f']]),
  );
  const makers = yield* callFunction(machine, entry, { positional: ['p'], named: new Map() }, '');
  // Small, with more paths through it than anyone can walk.
  let paths = new TupleValue([]);
  for (let i = 0; i < 100; i += 1) paths = new TupleValue([paths, paths]);
  const nothing: CallArguments = { positional: [], named: new Map() };
  return [
    ...(makers as ListValue).items.map(
      (maker) => (thread: Machine) => callFunction(thread, maker as FunctionValue, nothing, ''),
    ),
    function* () {
      return paths;
    },
  ];
}

interface Attempt {
  readonly name: string;
  readonly call: () => Evaluation<Value>;
}

/** One call of something with hostile arguments; every third is of a method. */
function* attempt(machine: Machine, random: () => number, pool: Pool, turn: number): Evaluation<Attempt> {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const index = (): number => Math.floor(random() * pool.length);
  const make = (at: number): Evaluation<Value> => (pool[at] as Pool[number])(machine);
  const given = Array.from({ length: Math.floor(random() * 4) }, index);
  const named = random() < 0.25 ? [[pick(NAMED), index()] as const] : [];
  const positional: Value[] = [];
  for (const at of given) positional.push(yield* make(at));
  const args: CallArguments = { positional, named: new Map<string, Value>() };
  for (const [name, at] of named) (args.named as Map<string, Value>).set(name, yield* make(at));
  const shown = `(${[...given, ...named.map(([name, at]) => `${name}=${at}`)].join(', ')})`;
  if (turn % 3 !== 0) {
    const name = FUNCTIONS[turn % FUNCTIONS.length] as string;
    return { name: name + shown, call: () => callBuiltin(machine, name, args, '1') };
  }
  const at = index();
  const object = yield* make(at);
  const method = pick([...methodNames(object), '__class__']);
  return {
    name: `${at}.${method}${shown}`,
    call: () => callMethod(machine, object, method, args, '1'),
  };
}

/** Uses a result as a program would: an iterator is read, and everything is printed. */
function* used(machine: Machine, value: Value): Evaluation<string> {
  const read =
    value instanceof IteratorValue
      ? yield* callBuiltin(machine, 'list', { positional: [value], named: new Map() }, '2')
      : value;
  return text(yield* machine.forceDeep(read));
}

/** How a call ended: "value", an error's class, or a limit's name; what must not be is thrown. */
async function outcomeOf(machine: Machine, brake: Brake, { call }: Attempt): Promise<string> {
  try {
    await drive(used(machine, await drive(call(), brake)), brake);
    return 'value';
  } catch (error) {
    if (isStackOverflow(error)) return 'depth';
    if (error instanceof Stop && error.reason.kind === 'limit') return error.reason.limit;
    if (!(error instanceof Raised)) throw error;
    const { type, args } = error.exception;
    const [message] = args;
    if (typeof message === 'string' && HOST_WORDS.test(message)) throw new Error(`host words: ${message}`);
    return type;
  }
}

describe('calls with hostile values', () => {
  it(
    `end in a value, an error of the language or a limit (${COUNT} calls)`,
    async () => {
      const random = seededRandom(20_261_124);
      const prototype = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
      const faults: string[] = [];
      const outcomes = new Map<string, number>();
      for (let turn = 0; turn < COUNT; turn += 1) {
        const brake = new Brake();
        const machine = newMachine(brake, turn);
        const pool = await drive(hostileValues(machine), brake);
        const one = await drive(attempt(machine, random, pool, turn), brake);
        const before = process.threadCpuUsage();
        try {
          const outcome = await outcomeOf(machine, brake, one);
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        } catch (error) {
          faults.push(`${turn} ${one.name}: ${String(error)}`);
        }
        const ms = process.threadCpuUsage(before).user / 1_000;
        if (ms > BOUND_MS) faults.push(`${turn} ${one.name}: ${Math.round(ms)} ms`);
      }
      expect(faults).toEqual([]);
      expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).toBe(prototype);
      // The values reach far enough to tell something: results, many kinds of errors, and limits.
      expect(outcomes.get('value')).toBeGreaterThan(COUNT / 10);
      expect(outcomes.get('TypeError')).toBeGreaterThan(COUNT / 10);
      expect([...outcomes.keys()]).toEqual(
        expect.arrayContaining(['ValueError', 'OverflowError', 'AttributeError', 'collection_length']),
      );
    },
    COUNT * 200,
  );
});
