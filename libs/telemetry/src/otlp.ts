import { diag, DiagLogLevel } from '@opentelemetry/api';
import { startNodeSdk } from '@opentelemetry/sdk-node';
import type { Logger } from './logger.js';

/**
 * Starts export of traces and metrics as the `OTEL_*` variables say. In a file
 * of its own because loading the SDK takes a quarter of a second.
 *
 * @returns a function that sends what is pending and stops
 */
export function startExport(options: {
  readonly service: string;
  readonly version: string;
  readonly logger?: Logger;
}): () => Promise<void> {
  const sdk = startNodeSdk({
    // The SDK's own console logger writes to standard output, which belongs to the program.
    logLevel: 'none',
    resourceAttributes: { 'service.name': options.service, 'service.version': options.version },
    logRecordProcessors: [],
  });
  if (options.logger !== undefined) reportProblems(options.logger);
  return () => sdk.shutdown();
}

function reportProblems(logger: Logger): void {
  const silent = (): void => undefined;
  diag.setLogger(
    {
      error: (message, ...details) => logger.error({ details }, message),
      warn: (message, ...details) => logger.warn({ details }, message),
      info: silent,
      debug: silent,
      verbose: silent,
    },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
