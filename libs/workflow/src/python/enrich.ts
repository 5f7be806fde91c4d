/** Puts a random expression in the place of each text that a program of the grammar gives as instruction. */
export function enrich(program: string, random: () => number): string {
  const expressions = new Expressions(random);
  return program.replace(/instruction="[^"\n]*"/g, () => `instruction=str(${expressions.any()})`);
}

/** Random expressions over `problem` and literals; some raise an error. */
class Expressions {
  constructor(private readonly random: () => number) {}

  any(): string {
    return this.pick([() => this.text(3), () => this.number(3), () => this.truth(3), () => this.list(3)]);
  }

  private text(depth: number): string {
    if (depth === 0) return this.of('problem', '"a b"', '"Äß-ſ"', '"x,y,,z"', '""', "'it\\'s'", '"7"');
    const text = (): string => this.text(depth - 1);
    const number = (): string => this.number(depth - 1);
    return this.pick([
      () =>
        `${text()}.${this.of('upper', 'lower', 'title', 'strip', 'casefold', 'swapcase', 'capitalize')}()`,
      () => `(${text()} + ${text()})`,
      () => `(${text()})[${number()} % 9:${this.of('', '-1', '5', '50')}]`,
      () => `(${text()})[${number()} % 40]`,
      () =>
        `f"{${this.number(0)}:${this.of('04d', '>8', '<6', '^7', ',', 'x', '+d', 'e', '.2f')}}|{problem!r:.20}"`,
      () => `${text()}.replace(${this.of('"a"', '" "', '"e"')}, ${text()})`,
      () => `"${this.of('-', ', ', '')}".join(map(str, ${this.list(depth - 1)}))`,
      () => `str(${number()})`,
      () => `repr(${text()})`,
      () => `"%s/%5.1f" % (${text()}, ${number()})`,
      () => `(${text()} if ${this.truth(depth - 1)} else ${text()})`,
      () => `(${text()} * (${number()} % 4))`,
      () => `${text()}.${this.of('center', 'ljust', 'rjust', 'zfill')}(12)`,
    ]);
  }

  private number(depth: number): string {
    if (depth === 0) return this.of('0', '1', '2', '7', '-3', '10', '255', '2.5', '1e3', 'len(problem)');
    const number = (): string => this.number(depth - 1);
    return this.pick([
      () => `(${number()} ${this.of('+', '-', '*', '/', '//', '%')} ${number()})`,
      () => `(int(${number()}) ${this.of('&', '|', '^')} ${this.of('6', '1', '12')})`,
      () => `len(${this.text(depth - 1)})`,
      () => `${this.text(depth - 1)}.count("a")`,
      () => `${this.text(depth - 1)}.find("e")`,
      () => `abs(${number()})`,
      () => `round(${number()}, 2)`,
      () => `${this.of('min', 'max')}(${number()}, ${number()})`,
      () => `sum(len(str(x)) for x in ${this.list(depth - 1)})`,
      () => `(${number()} % 5) ** 3`,
      () => `int("${this.of('12', ' 7 ', '1_0', 'x')}")`,
    ]);
  }

  private truth(depth: number): string {
    if (depth === 0) return this.of('True', 'False', 'problem', 'not problem');
    return this.pick([
      () => `${this.number(depth - 1)} ${this.of('<', '<=', '==', '!=', '>')} ${this.number(depth - 1)}`,
      () => `(${this.text(depth - 1)} ${this.of('in', 'not in', '<', '==')} ${this.text(depth - 1)})`,
      () => `(${this.truth(depth - 1)} ${this.of('and', 'or')} ${this.truth(depth - 1)})`,
      () => `any(x ${this.of('==', '!=')} "a" for x in ${this.list(depth - 1)})`,
      () => `${this.text(depth - 1)}.${this.of('isdigit', 'isalpha', 'isupper', 'isspace')}()`,
      () => `isinstance(${this.number(depth - 1)}, ${this.of('int', 'float', 'str')})`,
    ]);
  }

  private list(depth: number): string {
    if (depth === 0)
      return this.of('[]', '[1, 2.0, "a"]', '[None, True]', 'problem.split()', 'list(range(4))');
    return this.pick([
      () => `${this.text(depth - 1)}.${this.of('split()', 'split(",")', 'splitlines()', 'partition("a")')}`,
      () => `sorted(${this.list(depth - 1)}, key=str, reverse=${this.of('True', 'False')})`,
      () =>
        `[str(x)${this.of('', '.upper()', '[:2]')} for x in ${this.list(depth - 1)} if ${this.of('x', 'len(str(x)) > 1')}]`,
      () => `list(zip(${this.list(depth - 1)}, ${this.list(depth - 1)}))`,
      () => `list(enumerate(${this.list(depth - 1)}))[${this.of('::-1', '1:', ':-1', '::2')}]`,
      () => `[${this.number(depth - 1)}, ${this.text(depth - 1)}, (${this.truth(depth - 1)},)]`,
      () => `list({${this.text(depth - 1)}: ${this.number(depth - 1)}, "k": 1}.items())`,
      () => `(${this.list(depth - 1)} + ["z"]) * 2`,
    ]);
  }

  private of(...words: string[]): string {
    return words[Math.floor(this.random() * words.length)] ?? '';
  }

  private pick(makers: readonly (() => string)[]): string {
    return makers[Math.floor(this.random() * makers.length)]?.() ?? '';
  }
}
