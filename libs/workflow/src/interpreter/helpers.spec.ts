import { createFakeClock } from '@flowreasoner/testing';
import { describe, expect, it } from 'vitest';
import { runSource, type SeenRun } from './testing/run-source.js';

const CALL_MS = 1_000;

/** Runs a program whose operator calls take a second of fake time each. */
async function timed(
  source: string,
  options: { sequential?: boolean } = {},
): Promise<SeenRun & { ms: number }> {
  const clock = createFakeClock();
  const startedAt = clock.now();
  let isOver = false;
  const run = runSource(source, {
    ...options,
    delay: () => new Promise((resolve) => void clock.after(CALL_MS, resolve)),
    schedule: () => () => undefined,
  }).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    for (let i = 0; i < 50 && !isOver; i += 1) await new Promise(setImmediate);
    if (!isOver) await clock.advance(CALL_MS);
  }
  return { ...(await run), ms: clock.now() - startedAt };
}

const METHODS = `class Workflow:
    def __init__(self, name, llm_config, dataset):
        self.llm = create_llm_instance(llm_config)
        self.custom = operator.Custom(self.llm)
        self.sc_ensemble = operator.ScEnsemble(self.llm)

    async def attempt(self, problem, i):
        notes = []
        draft = await self.custom(input=f"{problem} {i}")
        if 'problem' in draft['response']:
            notes.append('long')
        better = await self.custom(input=draft['response'] + str(notes))
        return better['response']

    async def __call__(self, problem, entry_point="f"):
`;
const withMethods = (body: string): string =>
  METHODS +
  body
    .split('\n')
    .map((line) => `        ${line}\n`)
    .join('');

const LOCAL = `
found = []
async def attempt(i):
    draft = await self.custom(input=f"{problem} {i}")
    if 'problem' in draft['response']:
        draft = await self.custom(input=draft['response'])
    return draft['response']
`;

/** Programs of three branches with two calls each, one after the other. */
const PROGRAMS: readonly (readonly [string, string])[] = [
  [
    'gather of helper methods',
    withMethods(
      'xs = await asyncio.gather(self.attempt(problem, 0), self.attempt(problem, 1), self.attempt(problem, 2))\nreturn str(xs)',
    ),
  ],
  [
    'gather of a list of helper methods',
    withMethods(
      'tasks = [self.attempt(problem, i) for i in range(3)]\nxs = await asyncio.gather(*tasks)\nreturn str(xs)',
    ),
  ],
  [
    'gather of local functions',
    `${LOCAL}xs = await asyncio.gather(*[attempt(i) for i in range(3)])\nfound.append(xs)\nreturn str(found)`,
  ],
  [
    'gather of local functions whose coroutines stand in a variable',
    `${LOCAL}tasks = [attempt(i) for i in range(3)]\nxs = await asyncio.gather(*tasks, return_exceptions=True)\nreturn str(xs)`,
  ],
  [
    'a loop that awaits a helper',
    withMethods(
      'xs = []\nfor i in range(3):\n    x = await self.attempt(problem, i)\n    xs.append(x)\nreturn str(xs)',
    ),
  ],
  [
    'a comprehension that awaits a helper',
    withMethods('xs = [await self.attempt(problem, i) for i in range(3)]\nreturn str(xs)'),
  ],
];

describe('helpers that branch', () => {
  it.each(PROGRAMS)('%s: 2 call times, not 6', async (_, source) => {
    const sequential = await timed(source, { sequential: true });
    const parallel = await timed(source);
    expect(sequential.outcome.status).toBe('succeeded');
    expect(parallel.outcome).toEqual(sequential.outcome);
    expect([parallel.ms, sequential.ms]).toEqual([2 * CALL_MS, 6 * CALL_MS]);
  });

  it('wait for each other where one changes what another sees', async () => {
    const source = `
seen = []
async def attempt(i):
    draft = await self.custom(input=f"{i} {len(seen)}")
    if draft['response']:
        seen.append(draft['response'])
    return len(seen)
xs = await asyncio.gather(attempt(0), attempt(1), attempt(2))
return f"{xs} {seen}"`;
    const { outcome } = await timed(source);
    expect(outcome).toMatchObject({ answer: "[1, 2, 3] ['<0 0>', '<1 1>', '<2 2>']" });
  });

  it('are not passed by a change of what they see', async () => {
    const source = withMethods(`history = ['a']
r = await self.with_history(history)
history.append('b')
return r`).replace(
      '    async def __call__',
      `    async def with_history(self, history):
        r = await self.custom(input='x')
        if r['response']:
            return str(history)
        return ''

    async def __call__`,
    );
    expect((await timed(source)).outcome).toMatchObject({ answer: "['a']" });
  });

  it('raise in program order, whichever fails first', async () => {
    const source = withMethods(`try:
    xs = await asyncio.gather(self.slow(problem), self.fast(problem))
except ValueError as error:
    return 'caught ' + str(error)
return str(xs)`).replace(
      '    async def __call__',
      `    async def slow(self, problem):
        r = await self.custom(input='1')
        if r['response']:
            r = await self.custom(input='2')
        raise ValueError('slow ' + r['response'])

    async def fast(self, problem):
        r = await self.custom(input='3')
        raise ValueError('fast ' + r['response'])

    async def __call__`,
    );
    const parallel = await timed(source);
    expect(parallel.outcome).toMatchObject({ answer: 'caught slow <2>' });
  });

  it('give their failures as values where the gather collects them', async () => {
    const source =
      withMethods(`xs = await asyncio.gather(self.bad(problem), self.attempt(problem, 1), return_exceptions=True)
return str([isinstance(x, Exception) for x in xs])`).replace(
        '    async def __call__',
        `    async def bad(self, problem):
        r = await self.custom(input='1')
        if r['response']:
            raise ValueError('bad')
        return ''

    async def __call__`,
      );
    const parallel = await timed(source);
    expect(parallel.outcome).toMatchObject({ answer: '[True, False]' });
    expect(parallel.ms).toBe(2 * CALL_MS);
  });

  /** A program with some methods more, one call after the other and at the same time. */
  const both = async (methods: string, body: string): Promise<readonly [SeenRun, SeenRun]> => {
    const source = withMethods(body).replace(
      '    async def __call__',
      `${methods}\n\n    async def __call__`,
    );
    return [await runSource(source, { sequential: true }), await timed(source)];
  };

  it('leave coroutines that they return to whoever awaits them', async () => {
    const [sequential, parallel] = await both(
      `    async def later(self, problem):
        [r] = await asyncio.gather(self.custom(input='first'))
        if r['response']:
            return [self.custom(input='second'), self.custom(input='never')]
        return []`,
      `ts = await self.later(problem)
r = await self.custom(input='before')
s = await ts[0]
return r['response'] + s['response']`,
    );
    const inputs = ({ calls }: SeenRun) => calls.map((call) => call.arguments['input']).sort();
    expect(inputs(sequential)).toEqual(['before', 'first', 'second']);
    expect(inputs(parallel)).toEqual(inputs(sequential));
    expect(parallel.outcome).toEqual(sequential.outcome);
  });

  it('take turns with an iterator that another one gave', async () => {
    const [sequential, parallel] = await both(
      `    async def letters(self, text):
        r = await self.custom(input=text)
        if r['response']:
            return iter('abcd')
        return iter('')

    async def take(self, letters):
        first = next(letters)
        r = await self.custom(input=first)
        return first + next(letters)`,
      `letters, other = await asyncio.gather(self.letters('x'), self.letters('y'))
xs = await asyncio.gather(self.take(letters), self.take(letters), self.take(other))
return str(xs)`,
    );
    expect(sequential.outcome).toMatchObject({ answer: "['ab', 'cd', 'ab']" });
    expect(parallel.outcome).toEqual(sequential.outcome);
  });

  it('end with the run that they belong to', async () => {
    const abort = new AbortController();
    const signals: AbortSignal[] = [];
    const run = runSource(PROGRAMS[0]?.[1] ?? '', {
      signal: abort.signal,
      callOperator: (request) => {
        signals.push(request.signal);
        if (signals.length === 3)
          setImmediate(() => {
            abort.abort();
          });
        return new Promise(() => undefined);
      },
    });
    expect((await run).outcome.status).toBe('cancelled');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
  });
});
