const FRAGMENTS = [
  ...[
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ':',
    ',',
    '=',
    '==',
    'not ',
    'await ',
    '*',
    '**',
    'lambda: ',
    'if ',
    'else ',
  ],
  ...[
    'for x in ',
    'in ',
    'is ',
    '\n',
    '\n    ',
    '\n        ',
    '\t',
    '"',
    "'",
    '"""',
    'f"',
    '{{',
    '\\',
    '1',
    '0',
    'x',
  ],
  ...[
    '.',
    '@',
    '!',
    ';',
    'async ',
    'def ',
    'return ',
    'yield ',
    'print ',
    'True',
    'None',
    '->',
    '<>',
    '~',
    '-',
    ':=',
  ],
  ...[
    '#',
    '`',
    '$',
    'é',
    '\r\n',
    '\f',
    '...',
    'import ',
    '0777',
    '1e',
    '_',
    'except',
    'b"a"',
    '\u00a0',
    'del ',
    '\0',
  ],
];

/** Changes a text in one or two places: pieces left out, put in, copied or swapped. */
export function mutate(source: string, random: () => number): string {
  const pieces = source.match(/\w+|\s+|[^\w\s]/g) ?? [];
  const pick = (count: number): number => Math.floor(random() * count);
  for (let change = 0; change <= pick(2); change++) {
    const at = pick(pieces.length);
    const other = pieces[pick(pieces.length)] ?? '';
    const kind = random();
    if (kind < 0.3) pieces.splice(at, 1 + pick(2));
    else if (kind < 0.75) pieces.splice(at, 0, FRAGMENTS[pick(FRAGMENTS.length)] ?? '');
    else if (kind < 0.9) pieces.splice(at, 1, other);
    else pieces.splice(at, 0, other);
  }
  return pieces.join('');
}
