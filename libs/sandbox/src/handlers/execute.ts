import type {
  ExecuteRequest,
  ExecuteResponse,
  Execution,
  ExecutionResult,
} from '@flowreasoner/contracts/sandbox';
import { FlowError, type CallContext } from '@flowreasoner/rpc';
import { execute, rejected } from '../execute.js';
import type { SandboxBackend } from '../ports.js';
import { readProgram, type ProgramReader } from '../program-request.js';
import type { SandboxHandlerOptions } from './sandbox-service.js';

/** Execute: one program, one result. */
export async function executeOnce(
  request: ExecuteRequest,
  context: CallContext,
  options: SandboxHandlerOptions,
): Promise<ExecuteResponse> {
  const result = await runExecution(requireExecution(request.execution), context, options);
  context.signal.throwIfAborted();
  return { result };
}

/**
 * Runs one execution of the contract in a slot of its own.
 *
 * @param patient waits behind a full queue instead of being refused
 */
export async function runExecution(
  execution: Execution,
  context: CallContext,
  options: SandboxHandlerOptions,
  patient = false,
): Promise<ExecutionResult> {
  const { admission } = options;
  const backend = options.backends.choose(execution.backend);
  const reading = readProgram(execution, readerOf(backend, context, options));
  if (!reading.ok) return rejected(backend, reading.message);
  const slot = await admission.acquire(context.tenant, context.signal, patient);
  try {
    const { program, stdin } = reading;
    return await execute({ backend, program, stdin, queueMs: slot.queueMs, signal: context.signal });
  } finally {
    slot.release();
  }
}

/** What programs are read against. */
export function readerOf(
  backend: SandboxBackend,
  { tenant }: CallContext,
  { maxLimits, blobs }: SandboxHandlerOptions,
): ProgramReader {
  return { languages: backend.languages, maxLimits, blobs: blobs.of(tenant) };
}

/** @throws FlowError INVALID_ARGUMENT where a request has no execution */
export function requireExecution(execution: Execution | undefined): Execution {
  if (execution !== undefined) return execution;
  throw new FlowError('INVALID_ARGUMENT', 'EXECUTION_MISSING', 'the request names no execution', {
    fieldViolations: [{ field: 'execution', description: 'must be set' }],
  });
}
