import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.js';
import { startTelemetry } from './telemetry.js';

function captured(): { readonly lines: Record<string, unknown>[]; write(line: string): void } {
  const lines: Record<string, unknown>[] = [];
  return { lines, write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
}

describe('createLogger', () => {
  it('writes one JSON object a line with the service, its version and the level by name', () => {
    const stream = captured();
    createLogger({ service: 'sandbox', version: '1.2.3', stream }).info({ execution: 'e1' }, 'done');
    expect(stream.lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        service: 'sandbox',
        version: '1.2.3',
        execution: 'e1',
        msg: 'done',
      },
    ]);
  });

  it('hides fields that hold credentials', () => {
    const stream = captured();
    createLogger({ service: 's', stream }).info({ token: 'hunter2', headers: { authorization: 'hunter2' } });
    expect(stream.lines[0]).toMatchObject({ token: '[secret]', headers: { authorization: '[secret]' } });
  });

  it('keeps quiet below its level', () => {
    const stream = captured();
    createLogger({ service: 's', level: 'warn', stream }).info('not this');
    expect(stream.lines).toEqual([]);
  });

  it('adds the ids of the active span, also after waiting, even when nothing is exported', async () => {
    const telemetry = await startTelemetry({ service: 's', version: '0' });
    expect(telemetry.exporting).toBe(false);
    const stream = captured();
    const logger = createLogger({ service: 's', stream });
    const span = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: 1 };
    await context.with(trace.setSpanContext(ROOT_CONTEXT, span), async () => {
      await new Promise(setImmediate);
      logger.info('inside');
    });
    logger.info('outside');
    expect(stream.lines[0]).toMatchObject({ trace_id: span.traceId, span_id: span.spanId });
    expect(stream.lines[1]).not.toHaveProperty('trace_id');
    await telemetry.shutdown();
  });
});
