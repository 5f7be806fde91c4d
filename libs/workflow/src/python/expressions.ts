/** Names that a random expression may use, by the type of their values. */
export interface Names {
  readonly text: string[];
  readonly number: string[];
  readonly list: string[];
  readonly dict: string[];
  /** Functions of a text and a number. */
  readonly functions: string[];
}

/** Random expressions over `problem`, literals and given names; some raise an error. */
export class Expressions {
  constructor(
    private readonly random: () => number,
    private readonly names: Names,
  ) {}

  any(depth = 3): string {
    return this.pick([
      () => this.text(depth),
      () => this.number(depth),
      () => this.truth(depth),
      () => this.list(depth),
      () => this.dict(depth),
    ]);
  }

  text(depth: number): string {
    if (depth <= 0)
      return this.of('problem', '"a b"', '"Äß-ſ"', '"x,y,,z"', '""', "'it\\'s'", '"7"', ...this.names.text);
    const text = (): string => this.text(depth - 1);
    const number = (): string => this.number(depth - 1);
    return this.pick([
      () =>
        `${text()}.${this.of('upper', 'lower', 'title', 'strip', 'casefold', 'swapcase', 'capitalize')}()`,
      () => `(${text()} + ${text()})`,
      () => `(${text()})[${number()} % 9:${this.of('', '-1', '5', '50', ':-1', ':2')}]`,
      () => `(${text()})[${number()} % 40]`,
      () =>
        `f"{${this.number(0)}:${this.of('04d', '>8', '<6', '^7', ',', 'x', '+d', 'e', '.2f', '.1%')}}|{problem!r:.20}"`,
      () => `f"{${this.simple(0)}} {${this.of('len(problem)', '[1, 2]', 'problem[:3]')}!r:>{4 + 8}} {{}}"`,
      () => `f'{${this.of('1', '2')}:d}={"y" if ${this.of('problem', 'not problem')} else "n"}'`,
      () => `${text()}.replace(${this.of('"a"', '" "', '"e"')}, ${text()}${this.of('', ', 1')})`,
      () => `"${this.of('-', ', ', '')}".join(map(str, ${this.list(depth - 1)}))`,
      () => `"${this.of('|', '\\n')}".join(sorted(str(x) for x in ${this.list(depth - 1)}))`,
      () => `str(${number()})`,
      () => `repr(${this.any(depth - 1)})`,
      () => `"%s/%5.1f" % (${text()}, ${number()})`,
      () => `"{} {1}|{0:>5}".replace("{}", "").format(${text()}, ${number()})`,
      () => `"{a}-{b}".format(a=${text()}, b=${number()})`,
      () => `(${text()} if ${this.truth(depth - 1)} else ${text()})`,
      () => `(${text()} or ${text()})`,
      () => `(${text()} * (${number()} % 4))`,
      () => `${text()}.${this.of('center', 'ljust', 'rjust', 'zfill')}(12)`,
      () => `${text()}.${this.of('lstrip', 'rstrip', 'strip')}(${this.of('"ab "', '"7x"')})`,
      () => `${text()}.${this.of('removeprefix', 'removesuffix')}(${this.of('"a"', '"z"', 'problem')})`,
      () => `(${this.list(depth - 1)} or ["none"])[${this.of('0', '-1')}].__class__.__name__`,
      () =>
        `re.sub(r"${this.of('[aeiou]', '\\\\s+', '(\\\\w)(\\\\w)')}", "${this.of('', '_', '<>')}", ${text()})`,
      () =>
        `json.dumps(${this.of(this.list(depth - 1), this.dict(depth - 1))}${this.of('', ', sort_keys=True', ', indent=1', ', separators=(",", ":")', ', default=str')})`,
      () => `(lambda s, n=2: s[:n] + s[-n:])(${text()})`,
      ...this.names.functions.map((name) => () => `str(${name}(${text()}, ${number()}))`),
      ...this.names.dict.map((name) => () => `str(${name}.get(${text()}, ${number()}))`),
    ]);
  }

  number(depth: number): string {
    if (depth <= 0)
      return this.of(
        '0',
        '1',
        '2',
        '7',
        '-3',
        '10',
        '255',
        '2.5',
        '1e3',
        'len(problem)',
        ...this.names.number,
      );
    const number = (): string => this.number(depth - 1);
    return this.pick([
      () => `(${number()} ${this.of('+', '-', '*', '/', '//', '%')} ${number()})`,
      () => `(int(${number()}) ${this.of('&', '|', '^', '<<', '>>')} ${this.of('6', '1', '12')})`,
      () => `len(${this.of(this.text(depth - 1), this.list(depth - 1), this.dict(depth - 1))})`,
      () =>
        `${this.text(depth - 1)}.${this.of('count', 'find', 'rfind', 'index')}("${this.of('a', 'e', '')}")`,
      () => `abs(${number()})`,
      () => `round(${number()}, ${this.of('2', '0', '-1')})`,
      () => `round(${number()})`,
      () => `${this.of('min', 'max')}(${number()}, ${number()})`,
      () => `${this.of('min', 'max')}([${number()}, ${number()}], default=0)`,
      () => `sum(len(str(x)) for x in ${this.list(depth - 1)})`,
      () => `(${number()} % 5) ** ${this.of('3', '2', '0', '-1')}`,
      () => `int("${this.of('12', ' 7 ', '1_0', 'x')}")`,
      () => `float(${this.of('"1.50"', '"nan-"', '"-2e1"', number())})`,
      () => `math.${this.of('floor', 'ceil', 'sqrt', 'trunc')}(${number()})`,
      () => `divmod(${number()}, ${this.of('3', '4', '0')})[${this.of('0', '1')}]`,
      () => `(-${number()})`,
      () => `(${number()} if ${this.truth(depth - 1)} else ${number()})`,
      () => `Counter(${this.text(depth - 1)}).most_common(1)[0][1]`,
      () => `sorted(${this.text(depth - 1)}).index(${this.of('"a"', '"e"', '" "')})`,
      () => `next((i for i, c in enumerate(${this.text(depth - 1)}) if c == "e"), -1)`,
      () => `ord(${this.of('"a"', '"é"', 'problem[0]')})`,
      () => `int(${this.truth(depth - 1)})`,
    ]);
  }

  truth(depth: number): string {
    if (depth <= 0) return this.of('True', 'False', 'problem', 'not problem');
    const number = (): string => this.number(depth - 1);
    return this.pick([
      () => `${number()} ${this.of('<', '<=', '==', '!=', '>')} ${number()}`,
      () => `(0 ${this.of('<', '<=')} ${number()} ${this.of('<', '>=')} ${number()})`,
      () => `(${this.text(depth - 1)} ${this.of('in', 'not in', '<', '==')} ${this.text(depth - 1)})`,
      () => `(${number()} in ${this.list(depth - 1)})`,
      () => `(${this.text(depth - 1)} ${this.of('in', 'not in')} ${this.dict(depth - 1)})`,
      () => `(${this.truth(depth - 1)} ${this.of('and', 'or')} ${this.truth(depth - 1)})`,
      () => `(not ${this.truth(depth - 1)})`,
      () => `${this.of('any', 'all')}(x ${this.of('==', '!=')} "a" for x in ${this.list(depth - 1)})`,
      () =>
        `${this.text(depth - 1)}.${this.of('isdigit', 'isalpha', 'isupper', 'isspace', 'isalnum', 'istitle')}()`,
      () =>
        `${this.text(depth - 1)}.${this.of('startswith', 'endswith')}(${this.of('"a"', '("d", "?")', '""')})`,
      () => `isinstance(${this.any(depth - 1)}, ${this.of('int', 'float', 'str', '(list, dict)', 'bool')})`,
      () =>
        `(re.search(r"${this.of('\\\\d+', '^a', 'x$')}", ${this.text(depth - 1)}) is ${this.of('None', 'not None')})`,
      () => `bool(${this.list(depth - 1)})`,
      () =>
        `({1, 2, ${number()}} ${this.of('>=', '==', '&', '-')} {1, 2})`.replace(
          /^\((.*) ([&-]) (.*)\)$/,
          'bool($1 $2 $3)',
        ),
    ]);
  }

  list(depth: number): string {
    if (depth <= 0)
      return this.of(
        '[]',
        '[1, 2.0, "a"]',
        '[None, True]',
        'problem.split()',
        'list(range(4))',
        '[3, 1, 2]',
        ...this.names.list,
      );
    const list = (): string => this.list(depth - 1);
    const text = (): string => this.text(depth - 1);
    return this.pick([
      () =>
        `${text()}.${this.of('split()', 'split(",")', 'splitlines()', 'partition("a")', 'rsplit(None, 1)')}`,
      () =>
        `sorted(${list()}, key=${this.of('str', 'repr', 'lambda x: (len(str(x)), str(x))', 'lambda x: -len(str(x))')}, reverse=${this.of('True', 'False')})`,
      () => `sorted(set(map(str, ${list()})))`,
      () =>
        `[str(x)${this.of('', '.upper()', '[:2]')} for x in ${list()} if ${this.of('x', 'len(str(x)) > 1', 'x != 1')}]`,
      () => `[x * y for x in range(${this.of('2', '3')}) for y in ${this.of('(1, 2)', '"ab"', 'range(x)')}]`,
      () => `[[y for y in str(x)] for x in ${list()}][:3]`,
      () => `list(zip(${list()}, ${list()}))`,
      () =>
        `list(enumerate(${list()}${this.of('', ', 1', ', start=5')}))[${this.of('::-1', '1:', ':-1', '::2')}]`,
      () => `[${this.number(depth - 1)}, ${text()}, (${this.truth(depth - 1)},)]`,
      () => `[*${list()}, ${text()}]`,
      () => `list(${this.dict(depth - 1)}.${this.of('items', 'keys', 'values')}())`,
      () => `list(map(lambda x: ${this.of('str(x) + "!"', '(x, 1)', 'len(str(x))')}, ${list()}))`,
      () => `list(filter(${this.of('None', 'lambda x: x', 'lambda x: x != 1')}, ${list()}))`,
      () => `list(reversed(${list()}))`,
      () => `list(dict.fromkeys(${text()}))[:5]`,
      () => `re.findall(r"${this.of('\\\\w+', '[a-c]', '(\\\\w)(\\\\w)')}", ${text()})`,
      () => `Counter(${text()}.lower()).most_common(2)`,
      () => `(list(${list()}) + ["z"]) * 2`,
      () => `list(${list()})[${this.of(':2', '-2:', '1::2', '::-1')}]`,
    ]);
  }

  dict(depth: number): string {
    if (depth <= 0) return this.of('{}', '{"a": 1, "b": [2]}', '{1: "x", None: 2.5}', ...this.names.dict);
    return this.pick([
      () => `{${this.text(depth - 1)}: ${this.number(depth - 1)}, "k": ${this.text(depth - 1)}}`,
      () => `{x: len(x) for x in ${this.text(depth - 1)}.split()}`,
      () => `dict(${this.of('a=1, b="2"', '[("k", 1), ("l", 2)]', 'zip("abc", range(3))')})`,
      () => `{**${this.dict(depth - 1)}, "z": ${this.simple(depth - 1)}}`,
      () => `{str(i): v for i, v in enumerate(${this.list(depth - 1)})}`,
      () => `json.loads(${this.of('\'{"q": [1, 2.5, null]}\'', '\'{"w": true}\'')})`,
      () => `{k: v for k, v in ${this.dict(depth - 1)}.items() if v}`,
    ]);
  }

  /** A text, number or truth without quotes of its own at depth 0. */
  simple(depth: number): string {
    return depth <= 0 ? this.of('problem', '1', '2.5', 'True', 'None') : this.any(depth);
  }

  /** One of the words. */
  of(...words: string[]): string {
    return words[Math.floor(this.random() * words.length)] ?? '';
  }

  /** What one of the makers gives. */
  pick(makers: readonly (() => string)[]): string {
    return makers[Math.floor(this.random() * makers.length)]?.() ?? '';
  }
}
