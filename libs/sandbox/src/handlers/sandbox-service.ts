import { SandboxServiceService } from '@flowreasoner/contracts/sandbox';
import { bidiHandler, service, unaryHandler, type Service } from '@flowreasoner/rpc';
import type { Admission } from '../admission.js';
import type { Backends } from '../backends.js';
import type { BlobStore } from '../blobs/blob-store.js';
import { DEFAULT_LIMITS, limitsToContract } from '../limits.js';
import type { MonotonicClock, ProgramLimits } from '../ports.js';
import { executeBatch } from './execute-batch.js';
import { executeOnce } from './execute.js';
import { executeStream } from './execute-stream.js';
import { gradeOnce } from './grade.js';
import { putBlob } from './put-blob.js';

/** What the handlers work with. */
export interface SandboxHandlerOptions {
  readonly backends: Backends;
  readonly admission: Admission;
  readonly blobs: BlobStore;
  readonly maxLimits: ProgramLimits;
  readonly clock: MonotonicClock;
}

/** The sandbox service. */
export function sandboxService(options: SandboxHandlerOptions): Service {
  const limits = {
    defaultLimits: limitsToContract(DEFAULT_LIMITS),
    maxLimits: limitsToContract(options.maxLimits),
  };
  return service(SandboxServiceService, {
    execute: unaryHandler((request, context) => executeOnce(request, context, options)),
    executeBatch: bidiHandler((requests, context) => executeBatch(requests, context, options)),
    executeStream: bidiHandler((requests, context) => executeStream(requests, context, options)),
    grade: unaryHandler((request, context) => gradeOnce(request, context, options)),
    putBlob: unaryHandler(async (request, context) => putBlob(request, context, options)),
    getCapabilities: unaryHandler(() => Promise.resolve({ backends: options.backends.reports(), ...limits })),
  });
}
