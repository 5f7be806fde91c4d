import { isSpanContextValid, trace } from '@opentelemetry/api';
import { destination, pino, stdTimeFunctions } from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';
import { LogField } from './attributes.js';

/** A structured logger; `child({ field })` adds fields to every line. */
export type Logger = PinoLogger;

/** The levels a logger can have, from most to least talkative, then none. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** One of {@link logLevels}. */
export type LogLevel = (typeof logLevels)[number];

/** What {@link createLogger} needs. */
export interface LoggerOptions {
  /** Name of the service, the `service` field of every line. */
  readonly service: string;
  /** Version of the service, the `version` field of every line. */
  readonly version?: string;
  /** Lowest level that is written. Default `info`. */
  readonly level?: LogLevel;
  /** Where lines go. Default: standard error, written synchronously so that the last line before an exit is kept. */
  readonly stream?: DestinationStream;
}

/** Fields that are replaced by `[secret]` wherever a caller logs them by mistake. */
const secretFields = ['authorization', 'apiKey', 'api_key', 'token', 'password', 'secret'];

/**
 * Creates a logger that writes one JSON object a line, with ISO 8601 times,
 * level names, and `trace_id` and `span_id` of the active span.
 */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level ?? 'info',
      base: {
        [LogField.service]: options.service,
        ...(options.version === undefined ? {} : { [LogField.version]: options.version }),
      },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: activeTraceFields,
      redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`]), censor: '[secret]' },
    },
    options.stream ?? destination({ dest: 2, sync: true }),
  );
}

function activeTraceFields(): Record<string, string> {
  const active = trace.getActiveSpan()?.spanContext();
  if (active === undefined || !isSpanContextValid(active)) return {};
  return { [LogField.traceId]: active.traceId, [LogField.spanId]: active.spanId };
}

/** A logger that writes nothing; for tests and for libraries used without one. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
