export { Attribute, LogField, Metric } from './attributes.js';
export { createLogger, logLevels, silentLogger } from './logger.js';
export type { Logger, LoggerOptions, LogLevel } from './logger.js';
export { failSpan, startSpan, withSpan } from './spans.js';
export type { SpanOptions } from './spans.js';
export { startTelemetry } from './telemetry.js';
export type { Telemetry, TelemetryOptions } from './telemetry.js';
export { contextFromHeaders, formatTraceHeaders, parseTraceHeaders } from './trace-context.js';
export type { TraceHeaders } from './trace-context.js';
