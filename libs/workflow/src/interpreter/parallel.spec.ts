import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OperatorRequest } from './operator-port.js';
import { runSource, type SeenRun } from './testing/run-source.js';

const RUNS = Number(process.env['FLOW_PROPERTY_RUNS'] ?? 200);
const NAMES = ['a', 'b', 'c'];
const name = fc.constantFrom(...NAMES);

/** An expression of text over the variables. */
const text = fc.oneof(
  { weight: 3, arbitrary: name },
  { weight: 2, arbitrary: fc.tuple(name, name).map(([x, y]) => `f"{${x}}-{${y}}"`) },
  { weight: 1, arbitrary: fc.tuple(name, name).map(([x, y]) => `${x}[:8] + ${y}[-4:]`) },
  { weight: 1, arbitrary: name.map((x) => `str(len(${x}))`) },
  { weight: 1, arbitrary: fc.constantFrom("'k'", "'FAIL'", 'str(len(xs))', "','.join(xs[-2:])") },
  { weight: 1, arbitrary: fc.constant('str(random.randint(0, 9))') },
);

const call = text.map((input) => `(await self.custom(input=${input}))['response']`);
const condition = fc.oneof(
  name.map((x) => `len(${x}) % 2 == 0`),
  fc.constantFrom("'FAIL' in a", 'len(xs) > 2', 'a == b'),
);

/** A coroutine of any kind. */
const mixture = fc
  .tuple(fc.constantFrom('self.branch', 'self.retry', 'self.remember', 'local', 'changing', 'helper'), text)
  .map(([callee, input]) => `${callee}(${input})`);

const indent = (lines: readonly string[]): string[] => lines.map((line) => `    ${line}`);

const simple: fc.Arbitrary<string[]> = fc.oneof(
  fc.tuple(name, call).map(([x, value]) => [`${x} = ${value}`]),
  fc.tuple(name, text).map(([x, value]) => [`${x} = ${value}`]),
  fc.tuple(name, text).map(([x, input]) => [`r = await self.custom(input=${input})`, `${x} = r['response']`]),
  fc.tuple(name, text).map(([x, more]) => [`${x} += ${more}`]),
  call.map((value) => [`xs.append(${value})`]),
  text.map((value) => [`d['n'] = ${value}`]),
  text.map((input) => [
    `xs += [r['response'] for r in [await self.custom(input=${input} + str(j)) for j in range(2)]]`,
  ]),
  text.map((input) => [`xs.extend(await asyncio.gather(helper(${input}), helper('h')))`]),
  fc.tuple(name, text).map(([x, input]) => [`${x} = await self.branch(${input})`]),
  fc
    .tuple(fc.constantFrom('branch', 'retry', 'remember'), text)
    .map(([method, input]) => [
      `for j in range(2):`,
      `    y = await self.${method}(${input} + str(j))`,
      `    xs.append(y)`,
    ]),
  fc.tuple(text, text).map(([x, y]) => [`xs.append(await self.choose([${x}], xs[-2:]))`, `c = ${y}`]),
  fc
    .tuple(mixture, mixture, fc.boolean())
    .map(([x, y, collects]) => [
      `t = await asyncio.gather(${x}, ${y}${collects ? ', return_exceptions=True' : ''})`,
      `xs.extend([str(u)[:12] for u in t])`,
    ]),
  text.map((input) => [
    `ts = [local(${input} + str(j)) for j in range(2)]`,
    `xs += await asyncio.gather(*ts)`,
  ]),
  fc
    .tuple(text, fc.boolean())
    .map(([x, uses]) => [
      `ts = await self.later(${x})`,
      ...(uses ? ['xs += [str(u)[:9] for u in await asyncio.gather(*ts)]'] : [`xs.append(str(len(ts)))`]),
    ]),
  fc
    .tuple(text, text, fc.boolean())
    .map(([x, y, collects]) => [
      `it = await self.letters(${x})`,
      `t = await asyncio.gather(self.take(it, ${y}), self.take(it, 'u')${collects ? ', return_exceptions=True' : ''})`,
      `xs.extend([str(u)[:9] for u in t] + list(it)[:2])`,
    ]),
  fc
    .tuple(text, text)
    .map(([x, y]) => [
      `ls = await asyncio.gather(self.letters(${x}), self.pairs(${y}), self.count(${x}))`,
      `xs += await asyncio.gather(self.take(ls[0], 'v'), self.take(ls[0], ${y}), self.press(ls[2], ${y}), self.press(ls[2], 'w'))`,
      `xs.append(''.join(ls[0]) + ''.join(ls[1]))`,
    ]),
  fc.constant<string[]>(["best = await self.sc_ensemble(solutions=xs + ['z'])", "c = best['response']"]),
  name.map((x) => [`${x} = max(xs + ['m'])`]),
);

/** Statements; `depth` bounds their nesting. */
function block(depth: number): fc.Arbitrary<string[]> {
  const statement = depth === 0 ? simple : fc.oneof({ weight: 4, arbitrary: simple }, compound(depth - 1));
  return fc.array(statement, { minLength: 1, maxLength: 4 }).map((parts) => parts.flat());
}

function compound(depth: number): fc.Arbitrary<string[]> {
  const body = block(depth);
  return fc.oneof(
    fc
      .tuple(condition, body, body)
      .map(([test, yes, no]) => [`if ${test}:`, ...indent(yes), 'else:', ...indent(no)]),
    body.map((inner) => ['for i in range(2):', ...indent(inner)]),
    fc
      .tuple(condition, body)
      .map(([test, inner]) => ['for i in range(3):', ...indent(inner), `    if ${test}:`, '        break']),
    fc
      .tuple(guardedBlock(depth), body)
      .map(([guarded, handler]) => [
        'try:',
        ...indent(guarded),
        'except Exception as error:',
        '    xs.append(str(error)[:20])',
        ...indent(handler),
      ]),
    fc
      .tuple(guardedBlock(depth), body)
      .map(([guarded, final]) => ['try:', ...indent(guarded), 'finally:', ...indent(final)]),
  );
}

/** Statements with a call among them that often fails. */
function guardedBlock(depth: number): fc.Arbitrary<string[]> {
  const input = fc.constantFrom("'FAIL'", "'FAIL' + a", "'fine'", "('FAIL' if len(xs) > 1 else 'ok')");
  return fc
    .tuple(block(depth), input, block(depth))
    .map(([before, given, after]) => [...before, `q = await self.custom(input=${given})`, ...after]);
}

/** Helpers that have to wait: some change nothing that others see, some do. */
const METHODS = `
class Workflow:
    def __init__(self, name, llm_config, dataset):
        self.llm = create_llm_instance(llm_config)
        self.custom = operator.Custom(self.llm)
        self.sc_ensemble = operator.ScEnsemble(self.llm)
        self.log = []

    async def branch(self, x):
        parts = []
        r = await self.custom(input=x)
        if len(r['response']) % 2 == 0:
            r = await self.custom(input=r['response'] + str(random.randint(0, 9)))
        parts.append(r['response'][-6:])
        x += str(parts)
        return x[-12:]

    async def retry(self, x):
        for i in range(3):
            try:
                r = await self.custom(input='FAIL' if len(x) % 3 == i else x)
                return r['response'][:9]
            except Exception as error:
                x = x + 'r'
        raise ValueError('retry ' + x[:5])

    async def choose(self, xs, ys):
        r = await self.branch(xs[0])
        if len(r) > 3 and len(ys) > 0:
            return ys[-1][:8]
        return r

    async def remember(self, x):
        r = await self.custom(input=x + str(len(self.log)))
        if r['response'] != '':
            self.log.append(x[:3])
        return r['response'][-9:]

    async def later(self, x):
        [r] = await asyncio.gather(self.custom(input=x))
        if len(r['response']) % 2 == 0:
            return [self.custom(input=r['response'][-8:]), self.branch(x)]
        return [self.custom(input=x + 'l'), self.retry(x)]

    async def letters(self, x):
        r = await self.custom(input=x)
        if r['response'] == '':
            return iter([])
        return (letter for letter in r['response'][:6])

    async def pairs(self, x):
        r = await self.custom(input=x)
        found = []
        for i, part in enumerate(zip(r['response'], x)):
            found.append(str(i) + part[0])
        return found[:3]

    async def take(self, letters, x):
        first = next(letters, 'end')
        r = await self.custom(input=x + first)
        if r['response'] != '':
            first += next(letters, 'end')
        return first + r['response'][-3:]

    async def count(self, x):
        r = await self.custom(input=x)
        seen = [r['response'][:2]]
        if seen[0] != '':
            return lambda: seen.append('s') or len(seen)
        return lambda: 0

    async def press(self, button, x):
        r = await self.custom(input=x + str(button()))
        return r['response'][-4:] + str(button())

    async def __call__(self, problem, entry_point="f"):
`.trimStart();

const program = block(2).map((lines) => {
  const body = [
    'async def helper(x):',
    "    r = await self.custom(input=x + '!')",
    "    return r['response']",
    'a, b, c, xs, d = problem, entry_point, "c", [], {}',
    'async def local(x):',
    '    r = await self.custom(input=x + a[:3])',
    "    if 'c' in r['response']:",
    "        r = await self.custom(input=r['response'][:20])",
    "    return r['response'][-20:] + str(len(xs))",
    'async def changing(x):',
    '    r = await self.custom(input=x + str(len(xs)))',
    "    if r['response'] != '':",
    '        xs.append(x[:4])',
    "    return r['response'][-9:]",
    ...lines,
    'return f"{a}|{b}|{c}|{xs}|{d}"',
  ];
  return METHODS + indent(indent(body)).join('\n') + '\n';
});

/** Lets calls end in an order that depends on a seed and not on the program. */
function scrambled(seed: number): (request: OperatorRequest) => Promise<void> {
  let state = seed;
  return async () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    for (let i = 0; i < (state >>> 16) % 5; i += 1) await new Promise(setImmediate);
  };
}

const calls = (run: SeenRun): string[] => run.calls.map((seen) => JSON.stringify(seen)).sort();

describe('a parallel run', () => {
  it(
    'gives the result, places and seeds of the sequential one',
    async () => {
      await fc.assert(
        fc.asyncProperty(program, fc.integer({ min: 0, max: 2 ** 31 }), async (source, seed) => {
          const limits = { operatorCalls: 400 };
          const sequential = await runSource(source, { sequential: true, limits });
          const parallel = await runSource(source, { delay: scrambled(seed), limits });
          const { steps: _, ...parallelEnd } = parallel.outcome;
          const { steps: __, ...end } = sequential.outcome;
          // After a failure, calls may have been begun that a sequential run would not reach.
          const failed = sequential.calls.some((seen) =>
            Object.values(seen.arguments).join('').includes('FAIL'),
          );
          if (failed) {
            expect({ ...parallelEnd, operatorCalls: 0 }).toEqual({ ...end, operatorCalls: 0 });
            expect(calls(parallel)).toEqual(expect.arrayContaining(calls(sequential)));
          } else {
            expect(parallelEnd).toEqual(end);
            expect(calls(parallel)).toEqual(calls(sequential));
          }
        }),
        {
          numRuns: RUNS,
          seed: Number(process.env['FLOW_PROPERTY_SEED'] ?? 20_261_122),
          interruptAfterTimeLimit: RUNS * 250,
          markInterruptAsFailure: true,
        },
      );
    },
    RUNS * 300,
  );
});
