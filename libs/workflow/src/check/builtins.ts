/** Exceptions that programs may raise and catch; each is caught by the ones it names as parents. */
export const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ['Exception', ''],
  ['ValueError', 'Exception'],
  ['TypeError', 'Exception'],
  ['LookupError', 'Exception'],
  ['KeyError', 'LookupError'],
  ['IndexError', 'LookupError'],
  ['ArithmeticError', 'Exception'],
  ['ZeroDivisionError', 'ArithmeticError'],
  ['OverflowError', 'ArithmeticError'],
  ['AttributeError', 'Exception'],
  ['RuntimeError', 'Exception'],
  ['NameError', 'Exception'],
  ['StopIteration', 'Exception'],
  ['AssertionError', 'Exception'],
  ['NotImplementedError', 'RuntimeError'],
  ['UnboundLocalError', 'NameError'],
  ['json.JSONDecodeError', 'ValueError'],
]);

/** How many arguments a builtin takes. */
export interface Arity {
  readonly least: number;
  readonly most: number;
  /** Whether any keyword arguments may come besides; otherwise they are counted with the others. */
  readonly anyNames: boolean;
}

const many = Infinity;
const takes = (least: number, most = least): Arity => ({ least, most, anyNames: false });
const takesNames = (least: number, most: number): Arity => ({ least, most, anyNames: true });

/** Functions and types that need no import. */
export const BUILTIN_FUNCTIONS: ReadonlyMap<string, Arity> = new Map([
  ['abs', takes(1)],
  ['all', takes(1)],
  ['any', takes(1)],
  ['ascii', takes(1)],
  ['bin', takes(1)],
  ['bool', takes(0, 1)],
  ['callable', takes(1)],
  ['chr', takes(1)],
  ['dict', takesNames(0, 1)],
  ['divmod', takes(2)],
  ['enumerate', takes(1, 2)],
  ['filter', takes(2)],
  ['float', takes(0, 1)],
  ['format', takes(1, 2)],
  ['frozenset', takes(0, 1)],
  ['hex', takes(1)],
  ['int', takes(0, 2)],
  ['isinstance', takes(2)],
  ['iter', takes(1)],
  ['len', takes(1)],
  ['list', takes(0, 1)],
  ['map', takes(2, many)],
  ['max', takes(1, many)],
  ['min', takes(1, many)],
  ['next', takes(1, 2)],
  ['oct', takes(1)],
  ['ord', takes(1)],
  ['pow', takes(2, 3)],
  ['print', takes(0, many)],
  ['range', takes(1, 3)],
  ['repr', takes(1)],
  ['reversed', takes(1)],
  ['round', takes(1, 2)],
  ['set', takes(0, 1)],
  ['sorted', takes(1, 3)],
  ['str', takes(0, 1)],
  ['sum', takes(1, 2)],
  ['tuple', takes(0, 1)],
  ['type', takes(1)],
  ['zip', takes(0, many)],
]);

const MATH = new Map<string, Arity | undefined>(
  Object.entries({
    pi: undefined,
    e: undefined,
    inf: undefined,
    nan: undefined,
    tau: undefined,
    ceil: takes(1),
    floor: takes(1),
    trunc: takes(1),
    sqrt: takes(1),
    isqrt: takes(1),
    exp: takes(1),
    log: takes(1, 2),
    log2: takes(1),
    log10: takes(1),
    pow: takes(2),
    fabs: takes(1),
    fmod: takes(2),
    gcd: takes(0, many),
    lcm: takes(0, many),
    factorial: takes(1),
    comb: takes(2),
    perm: takes(1, 2),
    prod: takes(1, 2),
    fsum: takes(1),
    hypot: takes(0, many),
    sin: takes(1),
    cos: takes(1),
    tan: takes(1),
    asin: takes(1),
    acos: takes(1),
    atan: takes(1),
    atan2: takes(2),
    degrees: takes(1),
    radians: takes(1),
    isclose: takes(2, 4),
    isfinite: takes(1),
    isinf: takes(1),
    isnan: takes(1),
    copysign: takes(2),
  }),
);

/** Members of the pure modules by full name; undefined for constants. */
export const MODULE_MEMBERS: ReadonlyMap<string, Arity | undefined> = new Map<string, Arity | undefined>([
  ...[...MATH].map(([name, arity]) => [`math.${name}`, arity] as const),
  ['json.loads', takes(1)],
  ['json.dumps', takes(1, many)],
  ['json.JSONDecodeError', takes(0, many)],
  ['collections.Counter', takesNames(0, 1)],
  ['dict.fromkeys', takes(1, 2)],
  ['random.random', takes(0)],
  ['random.randint', takes(2)],
  ['random.randrange', takes(1, 3)],
  ['random.uniform', takes(2)],
  ['random.choice', takes(1)],
  ['random.choices', takes(1, 4)],
  ['random.sample', takes(2)],
  ['random.shuffle', takes(1)],
  ['random.seed', takes(0, 1)],
  ['re.search', takes(2, 3)],
  ['re.match', takes(2, 3)],
  ['re.fullmatch', takes(2, 3)],
  ['re.findall', takes(2, 3)],
  ['re.finditer', takes(2, 3)],
  ['re.sub', takes(3, 5)],
  ['re.split', takes(2, 4)],
  ['re.compile', takes(1, 2)],
  ['re.escape', takes(1)],
  ['re.DOTALL', undefined],
  ['re.S', undefined],
  ['re.IGNORECASE', undefined],
  ['re.I', undefined],
  ['re.MULTILINE', undefined],
  ['re.M', undefined],
  ['asyncio.gather', takes(0, many)],
  ['asyncio.sleep', takes(1, 2)],
]);

const STRING_METHODS =
  'capitalize casefold center count endswith expandtabs find format index isalnum isalpha isascii isdecimal ' +
  'isdigit isidentifier islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip partition ' +
  'removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith ' +
  'strip swapcase title translate upper zfill';
const LIST_METHODS = 'append clear copy count extend index insert pop remove reverse sort';
const DICT_METHODS = 'clear copy get items keys pop popitem setdefault update values';
const SET_METHODS =
  'add clear copy difference difference_update discard intersection intersection_update isdisjoint issubset ' +
  'issuperset pop remove symmetric_difference symmetric_difference_update union update';
const COUNTER_METHODS = `${DICT_METHODS} most_common elements total subtract`;
const MATCH_METHODS = 'group groups groupdict start end span';
const PATTERN_METHODS = 'search match fullmatch findall finditer sub split';
const NUMBER_METHODS = 'is_integer bit_length';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Methods of values by type. */
export const METHODS = {
  str: words(STRING_METHODS),
  list: words(LIST_METHODS),
  dict: words(DICT_METHODS),
  set: words(SET_METHODS),
  Counter: words(COUNTER_METHODS),
  match: words(MATCH_METHODS),
  pattern: words(PATTERN_METHODS),
  number: words(NUMBER_METHODS),
} as const;

/** Every method that some value has. */
export const ALL_METHODS: ReadonlySet<string> = new Set(Object.values(METHODS).flatMap((set) => [...set]));

/** Attributes of values that are no methods: of caught exceptions, matches and patterns. */
export const VALUE_ATTRIBUTES: ReadonlySet<string> = words(
  'args string pattern lastgroup lastindex __name__ __class__',
);

/** Modules and their members that models import, with what to do instead. */
export const MODULES_INSTEAD: ReadonlyMap<string, string> = new Map([
  ['defaultdict', 'use a dict with `.setdefault(key, …)` or `.get(key, 0)`'],
  ['deque', 'use a list; `.pop(0)` takes its first item'],
  ['OrderedDict', 'use a dict; it keeps the order of insertion'],
  ['namedtuple', 'use a dict'],
  ['dataclass', 'use a dict'],
  ['itertools', 'use loops and comprehensions'],
  ['functools', 'use a loop, or `key=lambda x: …`'],
  ['reduce', 'use a loop'],
  ['partial', 'use a lambda'],
  ['statistics', 'use `sum(xs) / len(xs)` and `sorted(xs)`'],
  ['decimal', 'use numbers, or the programmer operator'],
  ['fractions', 'use numbers, or the programmer operator'],
  ['numpy', 'use lists and `math`, or the programmer operator'],
  ['np', 'use lists and `math`, or the programmer operator'],
  ['pandas', 'use lists and dicts, or the programmer operator'],
  ['sympy', 'use the programmer operator'],
  ['time', 'leave it out: the run measures and limits its time itself'],
  ['datetime', 'leave it out: a workflow does the same at any time'],
  ['copy', 'use `list(x)`, `dict(x)` or `x.copy()`'],
  ['string', 'write the characters out'],
  ['ast', 'use `json.loads(…)`'],
  ['os', 'pass data through `problem`'],
  ['sys', 'return the answer'],
  ['io', 'use strings'],
  ['pathlib', 'pass data through `problem`'],
  ['subprocess', 'use the programmer or the test operator'],
  ['threading', 'use `await`: independent calls run at the same time by themselves'],
  ['concurrent', 'use `await`: independent calls run at the same time by themselves'],
  ['multiprocessing', 'use `await`: independent calls run at the same time by themselves'],
  ['requests', 'nothing outside can be reached; pass data through `problem`'],
  ['urllib', 'nothing outside can be reached; pass data through `problem`'],
  ['openai', 'call an operator'],
  ['traceback', 'use `str(e)`'],
  ['warnings', 'leave it out'],
  ['hashlib', 'compare texts with `==`'],
  ['uuid', 'use a counter'],
  ['difflib', 'compare texts with `==` or `in`'],
]);

/** What models reach for that is not there, with what to do instead. */
export const UNAVAILABLE: ReadonlyMap<string, string> = new Map([
  ['open', 'pass data through `problem`'],
  ['input', 'pass data through `problem`'],
  ['eval', 'use `float(…)` or `int(…)`, or the programmer operator'],
  ['exec', 'use the programmer or the test operator'],
  ['compile', 'use the programmer or the test operator'],
  ['__import__', 'only the pure modules can be imported'],
  ['globals', 'use a dict'],
  ['locals', 'use a dict'],
  ['vars', 'use a dict'],
  ['getattr', 'write the attribute out: `self.name`'],
  ['setattr', 'write the assignment out: `self.name = …`'],
  ['hasattr', 'workflow values have known attributes'],
  ['delattr', 'assign None'],
  ['dir', 'write the names out'],
  ['super', 'leave it out; a workflow needs no base class'],
  ['object', 'use a dict'],
  ['bytes', 'use a string'],
  ['bytearray', 'use a list'],
  ['memoryview', 'use a list'],
  ['complex', 'use two numbers'],
  ['id', 'compare with `==`'],
  ['hash', 'compare with `==`'],
  ['help', 'leave it out'],
  ['exit', 'return the answer'],
  ['quit', 'return the answer'],
  ['property', 'use a method'],
  ['staticmethod', 'use a method'],
  ['classmethod', 'use a method'],
  ['slice', 'use `[a:b]`'],
  ['aiter', 'use `for`'],
  ['anext', 'use `for`'],
  [
    'asyncio.create_task',
    'call the operator with `await`: independent calls run at the same time by themselves',
  ],
  [
    'asyncio.ensure_future',
    'call the operator with `await`: independent calls run at the same time by themselves',
  ],
  ['asyncio.wait_for', 'use `await` alone: the run has a time limit of its own'],
  ['asyncio.wait', 'use `asyncio.gather(…)`'],
  ['asyncio.as_completed', 'use `asyncio.gather(…)`'],
  ['asyncio.run', 'use `await`'],
  ['asyncio.Semaphore', 'leave it out: the run limits how many calls are at work at once'],
  ['asyncio.to_thread', 'use `await`: independent calls run at the same time by themselves'],
  ...[...MODULES_INSTEAD],
]);
