import { describe, expect, it } from 'vitest';
import { checkWorkflow } from '../check-workflow.js';
import { LiveResults } from './live-results.js';

/** Whether the async method `f` with this body is said to give something live. */
function isLive(body: string): boolean {
  const lines = body.split('\n').map((line) => `        ${line}\n`);
  const { program, diagnostics } = checkWorkflow(`class Workflow:
    def plain(self, xs):
        return [x + "!" for x in xs]

    def pairs(self, xs):
        return zip(xs, xs)

    async def draft(self, x):
        r = await self.custom(input=x)
        return r["response"]

    async def f(self, x, xs):
${lines.join('')}
    async def __call__(self, problem):
        y = await self.f(problem, [problem])
        z = await self.draft(problem)
        return str(y) + z + str(list(self.plain(["a"]))) + str(list(self.pairs(["a"])))
`);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const method = program?.methods.find(({ name }) => name === 'f');
  if (program === undefined || method === undefined || errors.length > 0)
    throw new Error(JSON.stringify(errors));
  return new LiveResults(program).isLive(method);
}

describe('what a function gives', () => {
  it.each([
    'return x',
    'r = await self.custom(input=x)\nreturn r["response"]',
    'r = await self.custom(input=x)\nreturn r["response"].strip(), [r, xs]',
    'return await self.draft(x)',
    'ys = []\nfor i, y in enumerate(xs):\n    ys.append(str(i) + y)\nreturn ys',
    'ts = [self.draft(y) for y in xs]\nreturn await asyncio.gather(*ts)',
    'ts = []\nfor y in xs:\n    ts.append(self.custom(input=y))\nrs = await asyncio.gather(*ts)\nreturn [r["response"] for r in rs]',
    'return max(xs, key=lambda y: len(y))',
    'return list(map(lambda y: y + "z", xs))',
    'return sorted(y for y in xs)[0], sum(1 for y in xs), ",".join(y for y in xs)',
    'return self.plain(xs)',
    'def g(y):\n    return y + "w"\nreturn [g(y) for y in xs]',
    'async def g(y):\n    return await self.draft(y)\nreturn await asyncio.gather(g(x), g(x))',
    'return {"a": [x], "b": {y for y in xs}}',
    'ys = [x]\nys.sort(key=lambda y: y)\nys.extend(y for y in xs)\nreturn ys',
    'return re.sub("a", lambda m: "b", x)',
  ])('is a plain value: %j', (body) => {
    expect(isLive(body)).toBe(false);
  });

  it.each([
    'return iter(xs)',
    'return (y for y in xs)',
    'return {"a": [zip(xs, xs)]}',
    'ys = map(str, xs)\nreturn ys',
    'ys = []\nys.append(enumerate(xs))\nreturn ys',
    'ys = {}\nys["k"] = reversed(xs)\nreturn ys',
    'return re.finditer("a", x)',
    'return re.compile("a").finditer(x)',
    'return Counter(xs).elements()',
    'return lambda: xs',
    'return dict(a=iter(x))',
    'return next(iter([]), iter(x))',
    'return {}.get(x, iter(x))',
    'def g(y):\n    return y\nreturn [g]',
    'return self.pairs(xs)',
    'return list(map(lambda y: iter(y), xs))',
    'ts = [self.draft(y) for y in xs]\nrs = await asyncio.gather(*ts)\nreturn [ts, rs]',
    '[r] = await asyncio.gather(self.draft(x))\nreturn [self.custom(input=r)]',
    'async def g(y):\n    return iter(y)\nreturn await asyncio.gather(g(x), g(x))',
    'async def g(y):\n    return iter(y)\nreturn await g(x)',
    'for y in [iter(x)]:\n    return y',
    'if (y := iter(x)):\n    return y',
    'a, *b = [iter(x), 1]\nreturn b',
    'raise ValueError(iter(x))',
  ])('may act when it is used: %j', (body) => {
    expect(isLive(body)).toBe(true);
  });
});
