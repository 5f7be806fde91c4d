import {
  DictValue,
  ListValue,
  MatchValue,
  PatternValue,
  RangeValue,
  SetValue,
  TupleValue,
  type Value,
} from '../values.js';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const STRING = words(
  'capitalize casefold center count endswith expandtabs find format index isalnum isalpha isascii isdecimal ' +
    'isdigit isidentifier islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip partition ' +
    'removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith ' +
    'strip swapcase title translate upper zfill',
);
const LIST = words('append clear copy count extend index insert pop remove reverse sort');
const DICT = words('clear copy get items keys pop popitem setdefault update values');
const COUNTER = new Set([...DICT, 'most_common', 'elements', 'total', 'subtract']);
const FROZENSET = words(
  'copy difference intersection isdisjoint issubset issuperset symmetric_difference union',
);
const SET = new Set([
  ...FROZENSET,
  ...words(
    'add clear discard pop remove update difference_update intersection_update symmetric_difference_update',
  ),
]);
const MATCH = words('group groups groupdict start end span');
const PATTERN = words('search match fullmatch findall finditer sub split');
const FLOAT = words('is_integer');
const INTEGER = words('bit_length is_integer');
const SEQUENCE = words('count index');
const NONE: ReadonlySet<string> = new Set();

/** Names of the methods that a value has. */
export function methodNames(value: Value): ReadonlySet<string> {
  if (typeof value === 'string') return STRING;
  if (typeof value === 'number') return FLOAT;
  if (typeof value === 'bigint' || typeof value === 'boolean') return INTEGER;
  if (value instanceof ListValue) return LIST;
  if (value instanceof DictValue) return value.isCounter ? COUNTER : DICT;
  if (value instanceof SetValue) return value.isFrozen ? FROZENSET : SET;
  if (value instanceof TupleValue || value instanceof RangeValue) return SEQUENCE;
  if (value instanceof MatchValue) return MATCH;
  return value instanceof PatternValue ? PATTERN : NONE;
}

/** Whether a value has the method. */
export function hasMethod(value: Value, name: string): boolean {
  return methodNames(value).has(name);
}
