import { installAsyncContext } from './async-context.js';
import type { Logger } from './logger.js';

/** Who reports. */
export interface TelemetryOptions {
  /** Name of the service, such as `sandbox`. */
  readonly service: string;
  /** Version of the service. */
  readonly version: string;
  /** Told when spans or metrics cannot be delivered. */
  readonly logger?: Logger;
}

/** Running telemetry. */
export interface Telemetry {
  /** Whether spans and metrics are exported. */
  readonly exporting: boolean;
  /** Sends what is pending, waiting at most 5 s, and stops; never throws. */
  shutdown(): Promise<void>;
}

/** Longest wait for the last export, in milliseconds. */
const shutdownTimeoutMs = 5000;

const endpointVariables = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
];

/**
 * Starts OpenTelemetry for this process: traces and metrics by OTLP where an
 * `OTEL_EXPORTER_OTLP_*ENDPOINT` variable names a collector (further `OTEL_*`
 * variables apply), otherwise nothing is loaded and spans are no-ops that
 * still pass on a caller's trace. Call it once, before servers and clients
 * are created: their metrics are bound to the provider that exists then.
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const wanted = endpointVariables.some((name) => process.env[name]);
  if (!wanted || process.env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') {
    installAsyncContext();
    return { exporting: false, shutdown: () => Promise.resolve() };
  }
  const { startExport } = await import('./otlp.js');
  const stop = startExport(options);
  return { exporting: true, shutdown: () => atMost(stop(), shutdownTimeoutMs) };
}

/** Waits for `work` for at most `timeoutMs`; its failure counts as done. */
async function atMost(work: Promise<void>, timeoutMs: number): Promise<void> {
  const timeout = Promise.withResolvers<void>();
  const timer = setTimeout(timeout.resolve, timeoutMs);
  await Promise.race([work.catch(() => undefined), timeout.promise]);
  clearTimeout(timer);
}
