import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';

let silenced = false;

/**
 * Keeps grpc-js from writing to standard error by itself: what it says there
 * reaches callers and our log as errors anyway. GRPC_VERBOSITY and GRPC_TRACE
 * still turn it on, for debugging.
 */
export function silenceGrpcLog(): void {
  if (silenced) return;
  silenced = true;
  const wanted = ['GRPC_VERBOSITY', 'GRPC_NODE_VERBOSITY'].some((name) => process.env[name]);
  if (!wanted) setLogVerbosity(logVerbosity.NONE);
}
