import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { GetCapabilitiesResponse, SandboxServiceService } from '@flowreasoner/contracts/sandbox';
import { FlowError } from './flow-error.js';
import { unaryHandler } from './handlers.js';
import { start } from './spec-support.js';

const run = promisify(execFile);

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls with a client that knows nothing of our code: buf, with reflection as its only source of contracts. */
async function bufCurl(url: string, ...args: string[]): Promise<Outcome> {
  const always = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', '--reflect'];
  try {
    return await run('node_modules/.bin/buf', [...always, ...args, `http://${url}`]);
  } catch (error) {
    return error as Outcome;
  }
}

const sandbox = 'flowreasoner.sandbox.v1.SandboxService';

describe('a client with nothing but reflection', () => {
  it('finds services and methods, calls them, and gets errors with details', async () => {
    const server = await start(
      {
        sandbox: {
          getCapabilities: unaryHandler(async () =>
            GetCapabilitiesResponse.fromPartial({ backends: [{ name: 'jail', available: true }] }),
          ),
          putBlob: unaryHandler(() =>
            Promise.reject(new FlowError('NOT_FOUND', 'BLOB_GONE', 'the blob is gone')),
          ),
        },
      },
      { address: '127.0.0.1:0' },
    );
    const services = await bufCurl(server.address, '--list-services');
    expect(services.stdout.split('\n').filter(Boolean)).toEqual([sandbox, 'grpc.health.v1.Health']);

    const methods = await bufCurl(server.address, '--list-methods');
    for (const name of Object.values(SandboxServiceService).map(({ path }) => path.slice(1))) {
      expect(methods.stdout).toContain(name);
    }
    for (const version of ['grpc-v1', 'grpc-v1alpha']) {
      const called = await bufCurl(
        `${server.address}/${sandbox}/GetCapabilities`,
        '--reflect-protocol',
        version,
      );
      expect(JSON.parse(called.stdout)).toEqual({ backends: [{ name: 'jail', available: true }] });
    }
    const failed = await bufCurl(`${server.address}/${sandbox}/PutBlob`);
    expect(JSON.parse(failed.stderr)).toMatchObject({
      code: 'not_found',
      message: 'the blob is gone',
      details: [{ type: 'google.rpc.ErrorInfo' }],
    });
    const refused = await bufCurl(`${server.address}/${sandbox}/ExecuteBatch`);
    expect(JSON.parse(refused.stderr)).toMatchObject({ code: 'unimplemented', details: [{}] });

    const health = await bufCurl(`${server.address}/grpc.health.v1.Health/Check`);
    expect(JSON.parse(health.stdout)).toEqual({ status: 'SERVING' });
  });

  it('is refused without credentials where the server asks for them, and by a server that offers none', async () => {
    const token = 'a-token-of-enough-length';
    const guarded = await start(
      { sandbox: {} },
      { address: '127.0.0.1:0', auth: { tokens: [{ token, tenant: 'acme' }] } },
    );
    expect((await bufCurl(guarded.address, '--list-services')).stdout).not.toContain(sandbox);
    const headers = ['--reflect-header', `authorization: Bearer ${token}`];
    expect((await bufCurl(guarded.address, '--list-services', ...headers)).stdout).toContain(sandbox);

    const mute = await start({ sandbox: {} }, { address: '127.0.0.1:0', reflection: false });
    expect((await bufCurl(mute.address, '--list-services')).stdout).not.toContain(sandbox);
  });
});
