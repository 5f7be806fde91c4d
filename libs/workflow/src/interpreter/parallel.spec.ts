import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OperatorRequest } from './operator-port.js';
import { runSource, type SeenRun } from './testing/run-source.js';

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

const program = block(2).map((lines) =>
  [
    'async def helper(x):',
    "    r = await self.custom(input=x + '!')",
    "    return r['response']",
    'a, b, c, xs, d = problem, entry_point, "c", [], {}',
    ...lines,
    'return f"{a}|{b}|{c}|{xs}|{d}"',
  ].join('\n'),
);

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
  it('gives the result, places and seeds of the sequential one', async () => {
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
        numRuns: Number(process.env['FLOW_PROPERTY_RUNS'] ?? 200),
        seed: 20_261_122,
        interruptAfterTimeLimit: 50_000,
        markInterruptAsFailure: true,
      },
    );
  }, 60_000);
});
