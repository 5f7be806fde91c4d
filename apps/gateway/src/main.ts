import { loadConfig } from '@flowreasoner/config';
import { KeyServiceClient, MetaAgentServiceClient } from '@flowreasoner/contracts/metaagent';
import { startGateway } from '@flowreasoner/gateway';
import { clientOptions, createClient, runMain, untilStopped } from '@flowreasoner/rpc';
import { gatewayConfigSchema } from './gateway-config.js';

await runMain({ service: 'gateway', version: '0.1.0' }, async ({ signal, logger }) => {
  const config = loadConfig(gatewayConfigSchema, { prefix: 'FLOW_GATEWAY' });
  const { host, port, policies, corsOrigins, drainMs, maxMessageBytes } = config;
  const options = { ...clientOptions(config.metaAgent), maxMessageBytes };
  const metaAgent = createClient(MetaAgentServiceClient, options);
  const keys = createClient(KeyServiceClient, options);
  try {
    const gateway = await startGateway({
      host,
      port,
      metaAgent,
      keys,
      policies,
      corsOrigins,
      logger,
      limits: {
        maxBodyBytes: config.maxBodyBytes,
        requestsPerMinute: config.requestsPerMinute,
        maxStreams: config.maxStreams,
        maxStreamsPerKey: config.maxStreamsPerKey,
        keyCacheMs: config.keyCacheMs,
      },
    });
    await untilStopped(signal);
    await gateway.drain(drainMs);
  } finally {
    for (const client of [metaAgent, keys]) client.close();
  }
});
