import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ExecuteRequest,
  ExecuteResponse,
  GetCapabilitiesRequest,
  SandboxServiceClient,
  SandboxServiceService,
} from '@flowreasoner/contracts/sandbox';
import { createClient, service, startServer, unary, unaryHandler } from './index.js';
import { FlowError } from './flow-error.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rpc-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a server on a unix socket', () => {
  it('answers, and passes errors with their details', async () => {
    const server = await startServer({
      address: `unix:${folder}/a.sock`,
      services: [
        service(SandboxServiceService, {
          execute: unaryHandler(async () =>
            ExecuteResponse.fromPartial({ result: { stdout: Buffer.from('x') } }),
          ),
          getCapabilities: unaryHandler(async () => {
            throw new FlowError('RESOURCE_EXHAUSTED', 'BUSY', 'too busy', {
              retryAfterMs: 1500,
              hint: 'wait',
            });
          }),
        }),
      ],
    });
    expect(statSync(join(folder, 'a.sock')).mode & 0o777).toBe(0o600);
    const client = createClient(SandboxServiceClient, { address: server.address });
    const answer = await unary(client, 'execute', ExecuteRequest.fromPartial({}));
    expect(answer.result?.stdout.toString()).toBe('x');
    await expect(
      unary(client, 'getCapabilities', GetCapabilitiesRequest.fromPartial({})),
    ).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      reason: 'BUSY',
      message: 'too busy',
      options: { retryAfterMs: 1500, hint: 'wait' },
    });
    client.close();
    await server.drain(100);
  });
});
