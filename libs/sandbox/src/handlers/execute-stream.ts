import { constants } from 'node:os';
import type {
  ExecuteStreamRequest,
  ExecuteStreamResponse,
  ExecutionResult,
} from '@flowreasoner/contracts/sandbox';
import { FlowError, type CallContext } from '@flowreasoner/rpc';
import { execute, rejected } from '../execute.js';
import type { RunningProgram } from '../ports.js';
import { readProgram } from '../program-request.js';
import { readerOf, requireExecution } from './execute.js';
import type { SandboxHandlerOptions } from './sandbox-service.js';

const MAX_INPUT_BYTES = 64 * 1024;

/** ExecuteStream: one program, with its input and signals from the stream and its output as it comes. */
export async function* executeStream(
  requests: AsyncIterable<ExecuteStreamRequest>,
  context: CallContext,
  options: SandboxHandlerOptions,
): AsyncGenerator<ExecuteStreamResponse> {
  const { admission } = options;
  const source = requests[Symbol.asyncIterator]();
  const first = await source.next();
  const input = first.done === true ? undefined : first.value.input;
  const execution = requireExecution(input?.$case === 'start' ? input.value : undefined);
  const backend = options.backends.choose(execution.backend);
  const reading = readProgram(execution, readerOf(backend, context, options));
  if (!reading.ok) {
    yield { output: { $case: 'result', value: rejected(backend, reading.message) } };
    return;
  }
  const slot = await admission.acquire(context.tenant, context.signal);
  const scope = new AbortController();
  const signal = AbortSignal.any([context.signal, scope.signal]);
  const outbox = new Outbox();
  try {
    const finished = execute({
      backend,
      program: reading.program,
      stdin: reading.stdin,
      queueMs: slot.queueMs,
      signal,
      interactive: {
        onOutput: (stream, chunk) => outbox.put({ output: { $case: stream, value: chunk } }),
        onRunning: (running) => {
          obey(source, running).catch((error: unknown) => outbox.fail(error));
        },
      },
    });
    finished.then(
      (result) => outbox.finish(result),
      (error: unknown) => outbox.fail(error),
    );
    yield* outbox.read();
    context.signal.throwIfAborted();
  } finally {
    scope.abort(new FlowError('CANCELLED', 'STREAM_ENDED', 'the stream has ended'));
    slot.release();
  }
}

/** Carries out what the caller sends until the stream of requests ends. */
async function obey(source: AsyncIterator<ExecuteStreamRequest>, running: RunningProgram): Promise<void> {
  for (;;) {
    const next = await source.next();
    if (next.done === true) return running.closeStdin();
    const { input } = next.value;
    switch (input?.$case) {
      case 'stdin':
        if (input.value.length > MAX_INPUT_BYTES) {
          throw invalid('stdin', `has ${input.value.length} bytes; the limit is ${MAX_INPUT_BYTES}`);
        }
        running.writeStdin(input.value);
        break;
      case 'closeStdin':
        running.closeStdin();
        break;
      case 'signal':
        running.signal(signalNumber(input.value));
        break;
      default:
        throw invalid('start', 'only the first message, and it alone, can start a program');
    }
  }
}

function signalNumber(name: string): number {
  const number = (constants.signals as Readonly<Record<string, number>>)[name];
  if (number === undefined) throw invalid('signal', `${JSON.stringify(name.slice(0, 20))} is not a signal`);
  return number;
}

function invalid(field: string, description: string): FlowError {
  return new FlowError('INVALID_ARGUMENT', 'STREAM_INPUT_INVALID', `${field} ${description}`, {
    fieldViolations: [{ field, description }],
  });
}

/** Responses on their way to the caller. Bounded by the program's output limit. */
class Outbox {
  readonly #ready: ExecuteStreamResponse[] = [];
  #wake = Promise.withResolvers<void>();
  #ended = false;
  #failure: { readonly error: unknown } | undefined;

  put(response: ExecuteStreamResponse): void {
    this.#ready.push(response);
    this.#wake.resolve();
  }

  finish(result: ExecutionResult): void {
    const bare = { ...result, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
    this.#ended = true;
    this.put({ output: { $case: 'result', value: bare } });
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake.resolve();
  }

  async *read(): AsyncGenerator<ExecuteStreamResponse> {
    for (;;) {
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
      if (this.#failure !== undefined) throw this.#failure.error;
      yield* this.#ready.splice(0);
      if (this.#ended && this.#ready.length === 0) return;
    }
  }
}
