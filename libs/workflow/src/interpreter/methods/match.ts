import { bind } from '../builtins/builtin.js';
import { dictOf } from '../compare.js';
import { toPointOffset } from '../code-points.js';
import type { CallArguments } from '../functions.js';
import { groupSpan, matchGroup } from '../regex.js';
import { TupleValue, type MatchValue, type Value } from '../values.js';

type MatchMethod = (match: MatchValue, args: CallArguments) => Value;

function offset(match: MatchValue, unit: number): bigint {
  return unit < 0 ? -1n : BigInt(toPointOffset(match.text, unit));
}

/** Methods of regular expression matches. */
export const MATCH_METHODS: ReadonlyMap<string, MatchMethod> = new Map<string, MatchMethod>([
  [
    'group',
    (match, { positional }) => {
      if (positional.length <= 1) return matchGroup(match, positional[0] ?? 0n);
      return new TupleValue(positional.map((group) => matchGroup(match, group)));
    },
  ],
  [
    'groups',
    (match, args) => {
      const [otherwise] = bind('groups', args, ['default?']);
      return new TupleValue(
        match.groups.slice(1).map((_, i) => matchGroup(match, BigInt(i + 1)) ?? otherwise ?? null),
      );
    },
  ],
  [
    'groupdict',
    (match) => dictOf(Array.from(match.names.keys(), (name) => [name, matchGroup(match, name)] as const)),
  ],
  ['start', (match, { positional }) => offset(match, groupSpan(match, positional[0] ?? 0n).start)],
  ['end', (match, { positional }) => offset(match, groupSpan(match, positional[0] ?? 0n).end)],
  [
    'span',
    (match, { positional }) => {
      const span = groupSpan(match, positional[0] ?? 0n);
      return new TupleValue([offset(match, span.start), offset(match, span.end)]);
    },
  ],
]);
