import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '@flowreasoner/telemetry';
import { exitCodeOf, startServer } from '@flowreasoner/rpc';
import { AttachedEndpoints } from './embedded/attached-endpoints.js';
import { composeServices } from './embedded/compose.js';
import { Attachments, hostService } from './embedded/host.js';
import { failureLine, LOCK_HELD_EXIT_CODE, StoreInUseError } from './embedded/host-failure.js';
import { LocalModel } from './embedded/local-model.js';
import { embeddedPaths } from './embedded/paths.js';
import { VERSION } from './version.js';

// The embedded host: every service in one process, for the commands of one user.

/** How long the host waits for its first command, in milliseconds. */
const FIRST_COMMAND_MS = 30_000;

async function main(): Promise<void> {
  const paths = embeddedPaths(process.env);
  const logger = createLogger({ service: 'host', version: VERSION, level: 'info' });
  const socket = (name: string): string => `unix:${join(paths.runFolder, `${name}.sock`)}`;
  const endpoints = new AttachedEndpoints();
  const localModel = new LocalModel(endpoints, (line) => process.stderr.write(`${line}\n`));
  // The command that starts a host says which model it is about to ask for: loading it takes as long as all the rest.
  const wanted = process.env['FLOW_LOCAL_MODEL_FILE'];
  if (wanted !== undefined && wanted !== '') localModel.use(wanted).catch(() => {});
  const services = await composeServices({
    kind: 'host',
    endpoints,
    dataFolder: paths.dataFolder,
    addresses: {
      'meta-agent': socket('meta-agent'),
      'workflow-runner': socket('workflow-runner'),
      reward: socket('reward'),
      sandbox: socket('sandbox'),
    },
    logger,
  });
  let ended: () => void = () => {};
  const end = new Promise<void>((resolve) => (ended = resolve));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, ended);
  const server = await startServer({
    address: `unix:${paths.hostSocket}`,
    services: [
      hostService(
        {
          addresses: services.addresses,
          addEndpoint: ({ grammarStyle, apiKey, defaultModel, ...endpoint }) =>
            endpoints.add({
              ...endpoint,
              ...(apiKey === '' ? {} : { apiKey }),
              ...(defaultModel === '' ? {} : { defaultModel }),
              ...(grammarStyle === '' ? {} : { grammarStyle: grammarStyle as 'auto' }),
            }),
          useLocalModel: (file) => localModel.use(file),
        },
        new Attachments(ended, { first: FIRST_COMMAND_MS, next: 0 }),
      ),
    ],
    deadlinesMs: { '/flowreasoner.host.v1.HostService/Attach': Infinity },
    logger,
  });
  await Promise.race([end, services.failed]);
  // New commands must find no socket, so that they start a host of their own.
  rmSync(paths.hostSocket, { force: true });
  await server.drain(0);
  await Promise.all([localModel.close(), services.close()]);
  await endpoints.close();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    if (error instanceof StoreInUseError && error.passing) process.exit(LOCK_HELD_EXIT_CODE);
    process.stderr.write(failureLine(error));
    process.exit(exitCodeOf(error));
  },
);
