import { describe, expect, it } from 'vitest';
import { runSource } from './testing/run-source.js';

/** Programs that try to use up the host, and how each must end. */
const CASES: readonly (readonly [string, string, object])[] = [
  [
    'an endless loop',
    'n = 0\nwhile problem:\n    n += 1\nreturn str(n)',
    { status: 'limit', limit: 'steps' },
  ],
  [
    'a doubling string',
    "s = 'x'\nwhile problem:\n    s += s\nreturn s",
    { status: 'limit', limit: 'string_length' },
  ],
  ['string multiplication', "return 'x' * 10 ** 10", { status: 'limit', limit: 'string_length' }],
  ['list multiplication', 'return str(len([0] * 10 ** 9))', { status: 'limit', limit: 'collection_length' }],
  [
    'a doubling list',
    'xs = [1]\nwhile problem:\n    xs += xs\nreturn str(xs)',
    { status: 'limit', limit: 'collection_length' },
  ],
  ['a huge power', 'return str(7 ** 7 ** 9)', { status: 'limit', limit: 'integer_size' }],
  [
    'squaring',
    'n = 3\nwhile problem:\n    n = n * n\nreturn str(n)',
    { status: 'limit', limit: 'integer_size' },
  ],
  ['a huge shift', 'return str(1 << 10 ** 12)', { status: 'limit', limit: 'integer_size' }],
  [
    'a huge range in a list',
    'return str(list(range(10 ** 15)))',
    { status: 'limit', limit: 'collection_length' },
  ],
  [
    'a huge range in a loop',
    'n = 0\nfor i in range(10 ** 15):\n    n = i\nreturn str(n)',
    { status: 'limit', limit: 'steps' },
  ],
  ['a huge sum', 'return str(sum(range(10 ** 15)))', { status: 'limit', limit: 'steps' }],
  ['a wide format', 'return f"{\'x\':>999999999999}"', { status: 'limit', limit: 'string_length' }],
  [
    'a nested wide format',
    "return '{:{}}'.format('x', 10 ** 11)",
    { status: 'limit', limit: 'string_length' },
  ],
  ['a wide centre', "return 'x'.center(10 ** 12)", { status: 'limit', limit: 'string_length' }],
  ['a wide percent format', "return '%999999999999d' % 5", { status: 'limit', limit: 'string_length' }],
  ['a join bomb', "return ('x' * 1000000).join(['a'] * 100000)", { status: 'limit', limit: 'string_length' }],
  [
    'a replace bomb',
    "return ('a' * 100000).replace('a', 'b' * 100000)",
    { status: 'limit', limit: 'string_length' },
  ],
  [
    'many large strings',
    "xs = []\nfor i in range(1000):\n    xs.append('x' * 3000000 + str(i))\nreturn str(len(xs))",
    { status: 'limit', limit: 'allocation' },
  ],
  ['a lambda that calls itself', 'f = lambda g: g(g)\nreturn str(f(f))', { status: 'limit', limit: 'depth' }],
  [
    'a sort key that never ends',
    'f = lambda g, x: g(g, x)\nreturn str(sorted([1, 2], key=lambda x: f(f, x)))',
    { status: 'limit', limit: 'depth' },
  ],
  [
    'a list in a list in a list …',
    'xs = []\nfor i in range(5000):\n    xs = [xs]\nreturn str(xs)',
    { status: 'limit', limit: 'depth' },
  ],
  [
    'a list in itself',
    'xs = [1]\nxs.append(xs)\nreturn str(xs)',
    { status: 'succeeded', answer: '[1, [...]]' },
  ],
  [
    'a list in itself given to an operator',
    "xs = [1]\nxs.append(xs)\nr = await self.sc_ensemble(solutions=xs)\nreturn r['response']",
    { status: 'limit', limit: 'depth' },
  ],
  [
    'too many operator calls',
    "for i in range(1000):\n    r = await self.custom(input=str(i))\nreturn r['response']",
    { status: 'limit', limit: 'operator_calls' },
  ],
  [
    'an exponential regular expression',
    "return str(re.search('(a+)+$', 'a' * 50000 + 'b') is None)",
    { status: 'succeeded', answer: 'True' },
  ],
  [
    'a search that reads the rest of the text for each match',
    "return str(len(re.findall('a.*b|a', 'a' * 90000)))",
    { status: 'limit', limit: 'steps' },
  ],
  [
    'a replacement that reads the rest of the text for each match',
    "return re.sub('(a.*b)|(a)', lambda m: '', 'a' * 90000)",
    { status: 'limit', limit: 'steps' },
  ],
  [
    'a split at a literal that is far off',
    "return str(len(re.split('abc|a', 'a' * 90000 + 'c')))",
    { status: 'succeeded', answer: '90001' },
  ],
  [
    'a doubling text that waits for an operator',
    "r = await self.custom(input='x')\ns = r['response']\nfor i in range(60):\n    s = f'{s}{s}'\nreturn s",
    { status: 'limit', limit: 'string_length' },
  ],
  [
    'a long text that waits for an operator',
    "r = await self.custom(input='x' * 400000)\ns = f\"{r['response']}\"\nfor i in range(4):\n    s = f'{s}{s}'\nt = await self.custom(input=s)\nreturn t['response']",
    { status: 'limit', limit: 'string_length' },
  ],
  [
    'a growing text that waits for an operator',
    "r = await self.custom(input='x')\ns = r['response']\nfor i in range(3000):\n    s = f'{s}a'\nreturn str(len(s))",
    { status: 'succeeded', answer: '3003' },
  ],
  [
    'an argument with very many paths',
    'a = []\nfor i in range(60):\n    a = [a, a]\nr = await self.custom(input=a)\nreturn r["response"]',
    { status: 'limit', limit: 'collection_length' },
  ],
  [
    'a tuple of types with very many paths',
    't = (int, float)\nfor i in range(60):\n    t = (t, t)\nreturn str(isinstance(problem, t))',
    { status: 'limit', limit: 'collection_length' },
  ],
  [
    'a tuple with very many paths that is given to a helper',
    [
      'class W:',
      '    async def ask(self, t):',
      "        return (await self.custom(input='x'))['response']",
      '    async def __call__(self, problem):',
      '        t = (1, 2)',
      '        for i in range(60):',
      '            t = (t, t)',
      '        return await self.ask(t)',
      '    def __init__(self, name, llm_config, dataset):',
      '        self.custom = operator.Custom(self.llm)',
    ].join('\n'),
    { status: 'succeeded', answer: '<x>' },
  ],
  ['a huge integer as text', 'return str(10 ** 5000)', { status: 'failed', errorType: 'ValueError' }],
  [
    'a huge factorial',
    'return str(math.factorial(10 ** 9))',
    { status: 'failed', errorType: 'OverflowError' },
  ],
  ['a deep JSON text', "return str(json.loads('[' * 10000))", { status: 'limit', limit: 'depth' }],
  [
    'a format string that walks attributes',
    "return '{0.__class__.__mro__}'.format('x')",
    { status: 'failed', errorType: 'AttributeError' },
  ],
  [
    'names of host prototypes as keys',
    "d = {'__proto__': 1, 'constructor': 2}\nd['__proto__'] += 1\nreturn f\"{d} {'toString' in d} {d.get('hasOwnProperty')}\"",
    { status: 'succeeded', answer: "{'__proto__': 2, 'constructor': 2} False None" },
  ],
  [
    'the choice of a huge range',
    'return random.choice(range(10 ** 400))',
    { status: 'failed', errorType: 'OverflowError' },
  ],
  [
    'a sample of a huge range',
    'return str(len(set(random.sample(range(10 ** 15), 3))))',
    { status: 'succeeded', answer: '3' },
  ],
  [
    'a wide percent format whose width is a value',
    "return '%*d' % (999999999, 5)",
    { status: 'limit', limit: 'string_length', allowed: 4 << 20 },
  ],
  [
    'a list that holds itself as JSON',
    'xs = []\nxs.append(xs)\nreturn json.dumps(xs)',
    { status: 'failed', errorType: 'ValueError', message: 'Circular reference detected' },
  ],
  [
    'a small list with very many paths as text',
    "xs = ['x']\nfor i in range(100):\n    xs = [xs, xs]\nreturn str(xs)",
    { status: 'limit', limit: 'collection_length' },
  ],
  [
    'a small list with very many paths as JSON',
    'xs = []\nfor i in range(100):\n    xs = [xs, xs]\nreturn json.dumps(xs)',
    { status: 'limit', limit: 'collection_length' },
  ],
  [
    'equal lists with very many paths',
    'xs = []\nys = []\nfor i in range(100):\n    xs = [xs, xs]\n    ys = [ys, ys]\nreturn str(xs == ys)',
    { status: 'limit', limit: 'collection_length' },
  ],
  [
    'a key with very many paths',
    'xs = ()\nfor i in range(100):\n    xs = (xs, xs)\nreturn str({xs: 1})',
    { status: 'limit' },
  ],
  [
    'a count that is no number',
    "c = Counter({'a': float('nan')})\nxs = list(c.elements())\nreturn str(xs)",
    { status: 'failed', errorType: 'TypeError' },
  ],
  [
    'choices that give allocation back',
    "for i in range(1000):\n    random.choices([1], k=-10 ** 15)\n    x = 'x' * 3000000 + str(i)\nreturn x",
    { status: 'limit', limit: 'allocation' },
  ],
  [
    'a huge modular power',
    'return str(pow(7 ** 30000, 7 ** 30000, 3 ** 50000))',
    { status: 'failed', errorType: 'OverflowError' },
  ],
  [
    'a huge common multiple',
    'return str(math.lcm(*[3 ** 50000 + i for i in range(100)]))',
    { status: 'limit', limit: 'integer_size' },
  ],
  [
    'a template of very many long strings',
    "return '%s' * 100 % tuple(['x' * 1000000] * 100)",
    { status: 'limit', limit: 'string_length' },
  ],
  [
    'very many long strings',
    "return '%s' * 100000 % tuple(['x' * 1000000] * 100000)",
    { status: 'limit', limit: 'steps' },
  ],
  [
    'texts that are alike up to their ends, compared again and again',
    "a = 'x' * 4000000\nb = 'x' * 3999999 + 'y'\nn = 0\nfor i in range(100000):\n    n += a < b\nreturn str(n)",
    { status: 'limit', limit: 'steps' },
  ],
  [
    'a long part that is nearly everywhere in a text',
    "part = 'x' * 5000 + 'y' + 'x' * 5000\ntext = 'x' * 400000\nn = 0\nfor i in range(60):\n    n += (part in text) + text.count(part) + text.rfind(part) + len(text.split(part))\nreturn str(n)",
    { status: 'succeeded', answer: '0' },
  ],
  [
    'the first character of a long text, again and again',
    "text = '😀' * 2000000\nfor i in range(100000):\n    for c in text:\n        break\n    c = text[-1]\nreturn c",
    { status: 'limit', limit: 'steps' },
  ],
  [
    'divisions of huge integers',
    'a = 3 ** 45000\nb = 7 ** 17000\nfor i in range(100000):\n    n = a % b\nreturn str(n)',
    { status: 'limit', limit: 'steps' },
  ],
  [
    'the greatest common divisor of huge integers',
    'for i in range(1000):\n    n = math.gcd(3 ** 20000, 5 ** 15000)\nreturn str(n)',
    { status: 'limit', limit: 'steps' },
  ],
  [
    'a translation to long strings',
    "return ('a' * 100000).translate({97: 'x' * 1000000})",
    { status: 'limit', limit: 'string_length' },
  ],
  [
    'a pattern with huge repetition',
    "return str(re.search('(a{1000}){9}$', 'a' * 100000 + 'b'))",
    { status: 'failed', errorType: 're.error' },
  ],
  [
    'a lambda too deep for a limit of its own',
    'f = lambda g: g(g)\nreturn str(f(f))',
    { status: 'limit', limit: 'depth', allowed: 400 },
  ],
  [
    'a limit in a try',
    "try:\n    x = 'x' * 10 ** 10\nexcept Exception:\n    x = 'caught'\nreturn x",
    { status: 'limit', limit: 'string_length' },
  ],
];

/** Milliseconds of processor time since `before`, which no other process can lengthen. */
const cpuMs = (before: NodeJS.CpuUsage): number => process.threadCpuUsage(before).user / 1_000;

describe('hostile programs', () => {
  it.each(CASES)('%s', { timeout: 60_000 }, async (_, source, expected) => {
    const before = process.threadCpuUsage();
    const { outcome } = await runSource(source);
    expect(outcome).toMatchObject(expected);
    expect(cpuMs(before)).toBeLessThan(5_000);
  });

  // Ten searches through 4,000,000 characters or 100,000 items: about 250 steps each.
  it.each([
    ["text = 'x' * 4000000", "text.find('y')"],
    ["text = 'x' * 4000000", "text.rfind('y')"],
    ["text = 'x' * 4000000", "text.count('y')"],
    ["text = 'x' * 4000000", "'y' in text"],
    ['items = [0] * 100000', 'items.count(1)'],
    ['items = [0] * 100000', '1 in items'],
    ['items = tuple([0] * 100000)', '1 in items'],
  ])('pay for long searches in steps: %s; %s', async (made, search) => {
    const source = `${made}\nfor i in range(10):\n    found = ${search}\nreturn str(found)`;
    const few = await runSource(source, { limits: { steps: 1_000 } });
    expect(few.outcome).toMatchObject({ status: 'limit', limit: 'steps' });
    const enough = await runSource(source, { limits: { steps: 4_000 } });
    expect(enough.outcome.status).toBe('succeeded');
  });

  it('can be cancelled while they compute', async () => {
    const abort = new AbortController();
    const run = runSource('n = 0\nwhile problem:\n    n += 1\nreturn str(n)', {
      signal: abort.signal,
      limits: { steps: 1e9 },
    });
    setImmediate(() => {
      abort.abort();
    });
    const before = process.threadCpuUsage();
    expect((await run).outcome.status).toBe('cancelled');
    expect(cpuMs(before)).toBeLessThan(1_000);
  });

  it('end at the wall-clock limit while they compute', async () => {
    const { outcome } = await runSource('n = 0\nwhile problem:\n    n += 1\nreturn str(n)', {
      limits: { steps: 1e9, wallMs: 50 },
    });
    expect(outcome).toMatchObject({ status: 'timeout', allowedMs: 50 });
  });
});
