import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUILTIN_FUNCTIONS, EXCEPTIONS, METHODS, MODULE_MEMBERS } from './check/builtins.js';
import { runSource } from './interpreter/testing/run-source.js';
import { LANGUAGE_EXAMPLES, LANGUAGE_PRELUDE, STATEMENT_EXAMPLES } from './testing/language-examples.js';

const PYTHON = `
import ast, asyncio, collections, json, math, random, re, sys, types
logger = types.SimpleNamespace(info=lambda *a: None)
for line in sys.stdin:
    scope = {"Counter": collections.Counter, "asyncio": asyncio, "json": json, "math": math, "random": random, "re": re, "logger": logger, "print": lambda *a, **k: None}
    body = "".join("    " + one + "\\n" for one in json.loads(line).split("\\n"))
    exec("async def run():\\n" + body + "    return str(x)", scope)
    print(json.dumps(asyncio.run(scope["run"]())))
`;

const examples = [
  ...Object.entries(LANGUAGE_EXAMPLES).map(([name, value]) => [name, `x = ${value}`] as const),
  ...[...EXCEPTIONS.keys()].map(
    (name) =>
      [
        name,
        `try:\n    raise ${name}(${name.includes('JSON') ? '"m", "doc", 0' : '"m"'})\nexcept ${name} as e:\n    x = type(e).__name__`,
      ] as const,
  ),
  ...STATEMENT_EXAMPLES.map((text) => [text.replaceAll('\n', '⏎'), text] as const),
];
const programs = examples.map(([, text]) => [...LANGUAGE_PRELUDE, text].join('\n'));

describe('the language', () => {
  const byPython: string[] = [];
  beforeAll(() => {
    const input = programs.map((text) => `${JSON.stringify(text)}\n`).join('');
    const run = spawnSync('python3', ['-c', PYTHON], { input, encoding: 'utf8' });
    if (run.status !== 0) throw new Error(run.stderr);
    byPython.push(
      ...run.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as string),
    );
  });

  it('has an example of everything that it provides by name', () => {
    const methods = Object.entries(METHODS).flatMap(([type, names]) =>
      [...names].map((name) => `${type}.${name}`),
    );
    const names = [...BUILTIN_FUNCTIONS.keys(), ...MODULE_MEMBERS.keys(), ...methods];
    expect(names.filter((name) => !(name in LANGUAGE_EXAMPLES))).toEqual([]);
  });

  it.each(examples.map(([name], index) => [name, index] as const))(
    'has %s as Python has it',
    async (_, index) => {
      const { outcome } = await runSource(`${programs[index] ?? ''}\nreturn str(x)`);
      expect(outcome).toMatchObject({ status: 'succeeded', answer: byPython[index] });
    },
  );
});
