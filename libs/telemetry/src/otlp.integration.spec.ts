import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { metrics } from '@opentelemetry/api';
import { afterEach, expect, it, vi } from 'vitest';
import { startSpan, withSpan } from './spans.js';
import { startTelemetry } from './telemetry.js';

afterEach(() => vi.unstubAllEnvs());

it('sends spans and metrics to the collector that the environment names, before it stops', async () => {
  const bodies = new Map<string, string>();
  const collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.set(
        request.url ?? '',
        (bodies.get(request.url ?? '') ?? '') + Buffer.concat(chunks).toString('latin1'),
      );
      response.end();
    });
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${port}`);
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf');

  const telemetry = await startTelemetry({ service: 'test-service', version: '9.8.7' });
  expect(telemetry.exporting).toBe(true);
  const result = await withSpan('outer-span', { attributes: { 'flow.round': 3 } }, async (outer) => {
    const inner = startSpan('inner-span');
    expect(inner.spanContext().traceId).toBe(outer.spanContext().traceId);
    inner.end();
    return 42;
  });
  expect(result).toBe(42);
  await expect(withSpan('failing-span', {}, () => Promise.reject(new Error('went-wrong')))).rejects.toThrow(
    'went-wrong',
  );
  metrics.getMeter('test').createCounter('test-counter').add(1);
  await telemetry.shutdown();
  collector.close();
  collector.closeAllConnections();

  const spans = bodies.get('/v1/traces') ?? '';
  for (const text of [
    'test-service',
    '9.8.7',
    'outer-span',
    'inner-span',
    'flow.round',
    'failing-span',
    'went-wrong',
  ]) {
    expect(spans).toContain(text);
  }
  expect(bodies.get('/v1/metrics')).toContain('test-counter');
  expect([...bodies.keys()].sort()).toEqual(['/v1/metrics', '/v1/traces']);
});
