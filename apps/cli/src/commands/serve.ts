import { createLogger } from '@flowreasoner/telemetry';
import { AttachedEndpoints } from '../embedded/attached-endpoints.js';
import { composeServices, type ServiceName } from '../embedded/compose.js';
import { LocalModel } from '../embedded/local-model.js';
import { embeddedPaths } from '../embedded/paths.js';
import { ExitCode } from '../exit-codes.js';
import { listenForInterrupts } from '../signals.js';
import { chooseModels, localModelFile, type ModelOptions } from '../solve/choose-models.js';
import { VERSION } from '../version.js';

/** Ports of the services, next to each other. */
const PORTS: Readonly<Record<ServiceName, number>> = {
  'meta-agent': 50051,
  'workflow-runner': 50052,
  sandbox: 50053,
  reward: 50054,
};

/** Options of `flow serve`. */
export interface ServeOptions extends ModelOptions {
  readonly host: string;
  readonly json?: boolean;
}

/** `flow serve`: every service on TCP ports of this machine, until a signal comes. */
export async function serve(options: ServeOptions): Promise<ExitCode> {
  const interrupts = listenForInterrupts();
  const say = (words: string): void =>
    void (options.json === true || process.stderr.write(`flow: ${words}\n`));
  const models = chooseModels(options, process.env);
  const modelFile = models.usesLocal ? await localModelFile(options, () => {}, interrupts.signal) : undefined;
  const endpoints = new AttachedEndpoints();
  const services = await composeServices({
    endpoints,
    dataFolder: embeddedPaths(process.env).dataFolder,
    addresses: Object.fromEntries(
      Object.entries(PORTS).map(([name, port]) => [name, `${options.host}:${port}`]),
    ) as Record<ServiceName, string>,
    logger: createLogger({ service: 'serve', version: VERSION, level: 'warn' }),
  });
  const localModel = new LocalModel(endpoints, (line) => process.stderr.write(`${line}\n`));
  try {
    for (const { apiKey, grammarStyle: _style, ...endpoint } of models.endpoints) {
      endpoints.add({ ...endpoint, ...(apiKey === '' ? {} : { apiKey }) });
    }
    if (modelFile !== undefined) await localModel.use(modelFile);
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify({ event: 'ready', grpc: services.addresses })}\n`);
    } else {
      for (const [name, address] of Object.entries(services.addresses)) say(`${name.padEnd(15)} ${address}`);
      say('ready; Ctrl-C stops everything');
    }
    await Promise.race([
      new Promise((resolve) => interrupts.signal.addEventListener('abort', resolve)),
      services.failed,
    ]);
    say('stopping');
  } finally {
    await Promise.all([localModel.close(), services.close()]);
    await endpoints.close();
    interrupts.dispose();
  }
  return interrupts.exitCode() ?? ExitCode.ownFault;
}
