import { formatConfig, loadConfig } from '@flowreasoner/config';
import { KeyServiceClient, MetaAgentServiceClient } from '@flowreasoner/contracts/metaagent';
import { gatewaySettingsOf, startGateway } from '@flowreasoner/gateway';
import { clientOptions, createClient, runMain, untilStopped } from '@flowreasoner/rpc';
import { gatewayConfigSchema } from './gateway-config.js';

const prefix = 'FLOW_GATEWAY';
const help = (): string => formatConfig(gatewayConfigSchema, prefix);

await runMain({ service: 'gateway', version: '0.1.0', help }, async ({ signal, logger }) => {
  const config = loadConfig(gatewayConfigSchema, { prefix });
  const { host, port, policies, drainMs, maxMessageBytes } = config;
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
      logger,
      ...gatewaySettingsOf(config),
    });
    await untilStopped(signal);
    await gateway.drain(drainMs);
  } finally {
    for (const client of [metaAgent, keys]) client.close();
  }
});
