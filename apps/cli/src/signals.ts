import { FlowError } from '@flowreasoner/rpc';
import { ExitCode } from './exit-codes.js';

/** Signals that end a command, as an AbortSignal. */
export interface Interrupts {
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** 130 or 143 once a signal came. */
  exitCode(): ExitCode | undefined;
  /** Stops listening. */
  dispose(): void;
}

/** Listens for SIGINT and SIGTERM; a second one ends the process at once. */
export function listenForInterrupts(): Interrupts {
  const controller = new AbortController();
  let code: ExitCode | undefined;
  const handle = (signal: NodeJS.Signals): void => {
    const first = code === undefined;
    code = signal === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated;
    if (!first) process.exit(code);
    controller.abort(new FlowError('CANCELLED', 'CANCELLED', 'cancelled'));
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return {
    signal: controller.signal,
    exitCode: () => code,
    dispose: () => {
      process.off('SIGINT', handle);
      process.off('SIGTERM', handle);
    },
  };
}
