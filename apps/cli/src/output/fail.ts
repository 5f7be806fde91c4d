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
      ? await withMend(cause)
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

/** A sandbox that ended by itself: what this machine lacks says more, and how to mend it. */
async function withMend(error: FlowError): Promise<FlowError> {
  if (error.reason !== 'SERVICE_DIED') return error;
  const { probeSandboxHost } = await import('@flowreasoner/sandbox');
  const { FlowError: FlowErrorClass } = await import('@flowreasoner/rpc');
  const missing = (await probeSandboxHost()).find(({ ok, required }) => required && !ok);
  if (missing === undefined) return error;
  return new FlowErrorClass(
    'UNAVAILABLE',
    'SANDBOX_UNAVAILABLE',
    `programs can't be run in isolation here: ${missing.detail}`,
    {
      hint: /^(apt-get|sysctl) /.test(missing.mend) ? `run as root: ${missing.mend}` : missing.mend,
      cause: error,
    },
  );
}
