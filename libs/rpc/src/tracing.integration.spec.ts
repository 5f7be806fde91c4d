import { trace } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { GetCapabilitiesRequest, GetCapabilitiesResponse } from '@flowreasoner/contracts/sandbox';
import { createLogger, startTelemetry } from '@flowreasoner/telemetry';
import { unaryHandler } from './handlers.js';
import { unary } from './invoke.js';
import { sandboxClient, start } from './spec-support.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const metadata = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
const request = GetCapabilitiesRequest.fromPartial({});

describe('a trace', () => {
  it('that a caller sends reaches the logs of every service behind, with no exporter at all', async () => {
    await startTelemetry({ service: 't', version: '0' });
    const lines: Record<string, unknown>[] = [];
    const logger = createLogger({
      service: 't',
      stream: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
    });
    const last = await start(
      {
        sandbox: {
          getCapabilities: unaryHandler(async (_, context) => {
            await new Promise(setImmediate);
            context.logger.info('last');
            return GetCapabilitiesResponse.fromPartial({});
          }),
        },
      },
      { logger },
    );
    const lastClient = sandboxClient(last);
    const middle = await start(
      {
        sandbox: {
          getCapabilities: unaryHandler(async (_, parent) => {
            parent.logger.info('middle');
            return unary(lastClient, 'getCapabilities', request, { parent });
          }),
        },
      },
      { logger },
    );
    await unary(sandboxClient(middle), 'getCapabilities', request, { metadata });
    for (const name of ['middle', 'last']) {
      expect(lines.find(({ msg }) => msg === name)).toMatchObject({
        trace_id: traceId,
        tenant: 'default',
        method: 'flowreasoner.sandbox.v1.SandboxService/GetCapabilities',
      });
    }
    expect(trace.getActiveSpan()).toBeUndefined();
  });

  it('that makes no sense is ignored', async () => {
    const server = await start({
      sandbox: { getCapabilities: unaryHandler(async () => GetCapabilitiesResponse.fromPartial({})) },
    });
    await unary(sandboxClient(server), 'getCapabilities', request, { metadata: { traceparent: 'nonsense' } });
  });
});
