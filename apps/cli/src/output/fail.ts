import type { FlowError } from '@flowreasoner/rpc';

/**
 * Says on the terminal, or as the last line of `--json`, what went wrong, and
 * returns the exit code for it. A stack trace is shown only when FLOW_DEBUG is set.
 */
export async function fail(cause: unknown, options: { readonly json: boolean }): Promise<number> {
  const { exitCodeOf, FlowError: FlowErrorClass } = await import('@flowreasoner/rpc');
  const { errorLine } = await import('./json-events.js');
  const { printable } = await import('./printable.js');
  const error: FlowError =
    cause instanceof FlowErrorClass
      ? cause
      : new FlowErrorClass('INTERNAL', 'UNEXPECTED', cause instanceof Error ? cause.message : String(cause), {
          cause,
          hint: 'this is a fault of flow; FLOW_DEBUG=1 shows where it happened',
        });
  if (options.json) {
    process.stdout.write(`${JSON.stringify(errorLine(error))}\n`);
  } else {
    process.stderr.write(`flow: ${printable(error.message)}\n`);
    if (error.options.hint !== undefined) process.stderr.write(`      ${printable(error.options.hint)}\n`);
  }
  if (process.env['FLOW_DEBUG'] !== undefined) console.error(cause);
  return exitCodeOf(error);
}
