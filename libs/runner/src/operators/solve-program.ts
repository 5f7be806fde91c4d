/**
 * A program that prints what `solve()` of another returns. What that prints while
 * it works is kept out, unless it returns nothing and what is printed counts too:
 * then that is the answer.
 */
export function solveProgram(code: string, answer: 'returned' | 'returnedOrPrinted'): string {
  const result =
    answer === 'returned'
      ? '_result'
      : '_printed.getvalue() if _result is None and _printed.getvalue() else _result';
  return `${code.trimEnd()}


import contextlib as _contextlib
import io as _io

_printed = _io.StringIO()
with _contextlib.redirect_stdout(_printed):
    _result = solve()
print(${result})
`;
}
