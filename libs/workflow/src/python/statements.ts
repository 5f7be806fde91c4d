import { Expressions, type Names } from './expressions.js';

const INDENT = '    ';

/** Random statements that assign, change and branch on variables; names that they define are in `names` afterwards. */
export class Statements {
  readonly names: Names = { text: [], number: [], list: [], dict: [], functions: [] };
  private readonly expressions: Expressions;
  private count = 0;

  constructor(private readonly random: () => number) {
    this.expressions = new Expressions(random, this.names);
  }

  /** Variables of every type, so that later statements have something to work on. */
  start(): string[] {
    const lines = ['t0 = problem', 'n0 = len(problem)', 'l0 = problem.split()', 'd0 = {"k": 1}'];
    for (const [i, type] of (['text', 'number', 'list', 'dict'] as const).entries())
      this.names[type].push(lines[i]?.slice(0, 2) ?? '');
    return lines;
  }

  /** One statement, as lines without indentation; what it raises is caught, most of the time. */
  any(depth = 2): string[] {
    const lines = this.statement(depth);
    const leaves = lines.some((line) => line.startsWith('raise'));
    if (!leaves && this.random() < 0.1) return lines;
    const recover = this.expressions.of(
      't0 += type(e).__name__',
      'n0 = len(str(e.args[:0]))',
      'l0.append(type(e).__name__)',
    );
    const body = indent(lines);
    const caught = this.expressions.of(
      'Exception',
      '(ValueError, TypeError)',
      'LookupError',
      'ArithmeticError',
    );
    const also = caught === 'Exception' ? [] : ['except Exception:', `${INDENT}t0 = t0[:50] + "!"`];
    const tail = this.random() < 0.2 ? ['else:', `${INDENT}n0 = 1`, 'finally:', `${INDENT}l0 = l0[-9:]`] : [];
    return ['try:', ...body, `except ${caught} as e:`, `${INDENT}${recover}`, ...also, ...tail];
  }

  /** An expression for the instruction of an operator: what the statements before it made. */
  instruction(): string {
    const seen = ['t0[:200]', 'n0', 'l0[:20]', 'sorted(map(str, d0))[:20]'];
    return `str([${[...seen, this.expressions.any()].join(', ')}])[:2000]`;
  }

  /** Calls of the helpers that `enrich` adds; failures of operators in a gather are values, because Python goes on with the others. */
  helperCalls(): string[] {
    const e = this.expressions;
    const gathered = (coroutines: string): string =>
      `l0 = [str(u)[:20] for u in await asyncio.gather(${coroutines}, return_exceptions=True)]`;
    return e
      .pick([
        () => `t0 = await self.draft(${e.text(1)}, n0)`,
        () =>
          gathered(
            `self.draft(${e.text(1)}), self.draft(problem, n0), self.custom(input=t0, instruction="")`,
          ),
        () => `ts = [self.draft(str(x), i) for i, x in enumerate(l0[:3])]\n${gathered('*ts')}`,
        () => `ts = await self.later(${e.text(1)})\n${e.of('l0.append(len(ts))', gathered('*ts'))}`,
        () =>
          `it = await self.letters(${e.text(1)})\n${gathered('self.take(it, t0), self.take(it, problem)')}\n` +
          e.of('l0.append(next(it, "none"))', 't0 = "".join(it)', 'l0 += list(it)[:2]'),
        () => `it = iter(l0)\n${gathered('self.take(map(str, it), t0), self.take(map(str, it), "x")')}`,
      ])
      .split('\n');
  }

  private statement(depth: number): string[] {
    const e = this.expressions;
    const simple = [
      () => this.assign(),
      () => [`t0 ${e.of('=', '+=')} ${e.text(2)}`, 't0 = t0[:200]'],
      () => [`n0 ${e.of('=', '+=', '-=', '*=', '//=', '%=')} ${e.number(2)}`, 'n0 = n0 % 1000'],
      () => [
        `l0.${e.of(`append(${e.any(1)})`, `extend(${e.list(1)})`, `insert(${e.of('0', '1', '-1')}, ${e.text(1)})`, 'reverse()', 'pop()', 'pop(0)', 'sort(key=str)', 'sort(key=lambda x: len(str(x)), reverse=True)', `remove(${e.text(0)})`)}`,
      ],
      () => [`l0[${e.of('0', '-1', '1')}] = ${e.any(1)}`],
      () => [`l0[${e.of('1:2', ':0', '-1:')}] = ${e.list(1)}`],
      () => ['l0 += [n0]', `l0 = [x for x in l0 if ${e.of('x', 'len(str(x)) < 9', 'x != n0')}][:20]`],
      () => [`d0[${e.text(1)}] = ${e.any(1)}`],
      () => [`d0[${e.of('"k"', '"c"')}] ${e.of('+=', '-=')} ${e.of('1', '"x"', 'n0')}`],
      () => [`d0.setdefault(${e.text(1)}, []).append(${e.number(1)})`],
      () => [`d0.update(${e.dict(1)})`, 'd0 = dict(list(d0.items())[-9:])'],
      () => [`t0 = str(d0.pop(${e.of('"k"', '"zz"')}${e.of('', ', None')}))`],
      () => [`a, *b = ${e.list(1)}`, 't0, l0 = str(a), b'],
      () => [`(a, b), c = (${e.text(1)}, ${e.number(1)}), ${e.text(1)}`, 't0, n0 = c + a, b'],
      () => [
        `s = set(map(str, ${e.list(1)})) ${e.of('|', '&', '-', '^')} {"a", "1"}`,
        's.add(t0[:3])',
        'l0 = sorted(s)',
      ],
      () => [
        `c = Counter(${e.text(1)}${e.of('', ', q=3', ', q=n0, a=-1')})`,
        `c.update(${e.of(e.text(1), 'q=2, z=1')})`,
        'l0 = [c.most_common(2), sum(c.values()), c["q"]]',
      ],
      () => [`if (n := ${e.number(1)}) > 3:`, `${INDENT}n0 = n`],
      () => this.define(),
      () => [
        'print(t0, n0, sep="")',
        `raise ${e.of('ValueError("v")', 'KeyError("k")', 'RuntimeError', 'IndexError(1, 2)')}`,
      ],
    ];
    if (depth === 0) return e.pick(simple.map((make) => () => make().join('\n'))).split('\n');
    const block = (): string[] => indent(this.any(depth - 1));
    const compound = [
      () => [`if ${e.truth(2)}:`, ...block(), `elif ${e.truth(1)}:`, ...block(), 'else:', ...block()],
      () => [
        `for i, x in enumerate(${e.list(2)}):`,
        `${INDENT}if ${e.of('i > 3', 'x == "a"', 'str(x) in t0')}:`,
        `${INDENT}${INDENT}${e.of('break', 'continue')}`,
        ...block(),
        `${INDENT}n0 = n0 + i`,
        'else:',
        ...block(),
      ],
      () => [
        `for k, v in sorted(d0.items(), key=${e.of('str', 'lambda kv: str(kv[1])')}):`,
        `${INDENT}t0 += f"{k}={v};"`,
        ...block(),
      ],
      () => ['m = 0', `while m < ${e.of('3', '2', 'n0 % 4')}:`, `${INDENT}m += 1`, ...block()],
      () => [
        `for x in ${e.of('range(3)', 't0[:4]', 'reversed(l0[:3])', 'zip(l0[:3], t0)', 'd0')}:`,
        ...block(),
        `${INDENT}l0 = [*l0, x][-9:]`,
      ],
    ];
    return e.pick([...simple, ...compound, ...compound].map((make) => () => make().join('\n'))).split('\n');
  }

  private assign(): string[] {
    const type = this.expressions.of('text', 'number', 'list', 'dict') as 'text' | 'number' | 'list' | 'dict';
    const value = this.expressions[type](2);
    return [`${this.names[type][0] ?? 't0'} = ${value}`];
  }

  /** A local function, used by its own name at once and by later expressions. */
  private define(): string[] {
    const e = this.expressions;
    const name = `f${(this.count += 1)}`;
    const body = [
      `def ${name}(s, n=1, *, up=False):`.replace(', *, up=False', ''),
      `${INDENT}if n > ${e.of('1', '5')}:`,
      `${INDENT}${INDENT}return s[:2]`,
      `${INDENT}return s + str(n)`,
    ];
    return [...body, `t0 = ${name}(${e.text(1)}, ${e.number(1)})`, `l0 = list(map(${name}, ["a", "b"]))`];
  }
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => INDENT + line);
}
