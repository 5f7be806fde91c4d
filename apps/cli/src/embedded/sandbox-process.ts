import { type ChildService, startChild } from './child-process.js';

/**
 * Starts the sandbox service as a child process with a scrubbed environment, as
 * it always runs: it must see neither keys nor the store.
 *
 * @param address address on which it is to listen
 */
export function startSandbox(address: string): ChildService {
  return startChild('sandbox', {
    FLOW_SANDBOX_ADDRESS: address,
    FLOW_SANDBOX_STOP_WITH_STDIN: 'true',
    FLOW_SANDBOX_DRAIN_MS: '0',
    FLOW_LOG_LEVEL: 'warn',
  });
}
