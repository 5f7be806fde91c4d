import { silentLogger } from '@flowreasoner/telemetry';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { GatewayLimits } from '../gateway-options.js';
import { startGateway, type RunningGateway } from '../start-gateway.js';
import { startFakeMetaAgent, type FakeMetaAgent } from './fake-meta-agent.js';

/** A gateway in front of a fake meta-agent. Tests only. */
export class GatewayHarness {
  #fake: FakeMetaAgent | undefined;
  readonly #gateways: RunningGateway[] = [];

  get fake(): FakeMetaAgent {
    if (this.#fake === undefined) throw new Error('the harness was not opened');
    return this.#fake;
  }

  async open(): Promise<void> {
    this.#fake = await startFakeMetaAgent();
  }

  /** Starts a gateway; it stops with the test. */
  async start(
    limits: Partial<GatewayLimits> = {},
    corsOrigins: readonly string[] = [],
  ): Promise<RunningGateway> {
    const { metaAgent, keys } = this.fake;
    const gateway = await startGateway({
      metaAgent,
      keys,
      logger: silentLogger(),
      host: '127.0.0.1',
      port: 0,
      policies: ['llm', 'search', 'fixed:best-of-n'],
      corsOrigins,
      limits: { requestsPerMinute: 100_000, ...limits },
    });
    this.#gateways.push(gateway);
    return gateway;
  }

  /** Stops the gateways of a test. */
  async stop(): Promise<void> {
    for (const gateway of this.#gateways.splice(0)) await gateway.drain(0);
    this.fake.behaviour = {};
  }

  async close(): Promise<void> {
    await this.#fake?.stop();
  }
}

/** A harness that lives as long as the tests of the suite that calls this. */
export function useGatewayHarness(): GatewayHarness {
  const harness = new GatewayHarness();
  beforeAll(() => harness.open());
  afterEach(() => harness.stop());
  afterAll(() => harness.close());
  return harness;
}

/** Calls a gateway with the key that is valid; a body is sent as JSON. */
export function call(gateway: RunningGateway, path: string, init: RequestInit & { json?: unknown } = {}) {
  const { json, ...rest } = init;
  return fetch(`${gateway.url}${path}`, {
    ...(json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) }),
    ...rest,
    headers: {
      authorization: 'Bearer good-key',
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...rest.headers,
    },
  });
}

/** A chat completion that asks one question. */
export function chat(content: string, rest: object = {}): object {
  return { model: 'flowreasoner', messages: [{ role: 'user', content }], ...rest };
}
