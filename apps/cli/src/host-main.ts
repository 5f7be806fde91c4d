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
import type { SlowPart } from './embedded/slow-part.js';
import { VERSION } from './version.js';

// The embedded host: every service in one process, for the commands of one user.

/** How long the host has to start and to hear from its first command, in milliseconds. */
const FIRST_COMMAND_MS = 150_000;

async function main(): Promise<void> {
  const paths = embeddedPaths(process.env);
  const logger = createLogger({ service: 'host', version: VERSION, level: 'info' });
  const socket = (name: string): string => `unix:${join(paths.runFolder, `${name}.sock`)}`;
  const ending = new AbortController();
  const end = new Promise<void>((resolve) => ending.signal.addEventListener('abort', () => resolve()));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ending.abort());
  const attachments = new Attachments(() => ending.abort(), { first: FIRST_COMMAND_MS, next: 0 });
  // The command that started us holds our standard input for as long as it lives.
  process.stdin.resume();
  for (const event of ['end', 'error'] as const) process.stdin.once(event, () => attachments.abandon());
  const endpoints = new AttachedEndpoints();
  const localModel = new LocalModel(endpoints, (line) => process.stderr.write(`${line}\n`));
  // The command that starts a host says which model it is about to ask for: loading it takes as long as all the rest.
  const wanted = process.env['FLOW_LOCAL_MODEL_FILE'];
  if (wanted !== undefined && wanted !== '') {
    localModel.use(wanted).then(
      () => tellReady('model'),
      () => {},
    );
  }
  void end.then(() => localModel.close());
  const composing = composeServices({
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
    onReady: tellReady,
    signal: ending.signal,
  });
  const services = await composing.catch(async (error: unknown) => {
    await localModel.close();
    if (ending.signal.aborted) return undefined;
    throw error;
  });
  if (services === undefined) return;
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
        attachments,
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

/** Tells the command that started us what is ready, for as long as it listens. */
function tellReady(part: SlowPart): void {
  if (process.connected) process.send?.(part, undefined, undefined, () => {});
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    if (error instanceof StoreInUseError && error.passing) process.exit(LOCK_HELD_EXIT_CODE);
    process.stderr.write(failureLine(error));
    process.exit(exitCodeOf(error));
  },
);
