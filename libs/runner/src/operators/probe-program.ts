/** Characters of one value that are compared. */
const VALUE_LENGTH = 300;

/**
 * A program that prints what another gives for some calls, a line each. An error
 * is "error", whichever it is: programs may refuse strange input differently.
 */
export function probeProgram(program: string, calls: readonly string[]): string {
  return `${program.trimEnd()}


def _probe(call):
    try:
        return repr(call())[:${VALUE_LENGTH}]
    except Exception:
        return 'error'


for _call in [
${calls.map((call) => `    lambda: ${call},`).join('\n')}
]:
    print(_probe(_call))
`;
}
