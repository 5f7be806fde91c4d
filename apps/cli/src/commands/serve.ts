import { setTimeout as delay } from 'node:timers/promises';
import { FlowError, formatAddress, isLocal } from '@flowreasoner/rpc';
import { createLogger } from '@flowreasoner/telemetry';
import { AttachedEndpoints } from '../embedded/attached-endpoints.js';
import { composeServices, type ComposedServices, type ServiceName } from '../embedded/compose.js';
import { createDevelopmentKey } from '../embedded/development-key.js';
import { StoreInUseError } from '../embedded/host-failure.js';
import { LocalModel } from '../embedded/local-model.js';
import { embeddedPaths } from '../embedded/paths.js';
import { readServeSettings } from '../embedded/serve-settings.js';
import { ExitCode } from '../exit-codes.js';
import { listenForInterrupts } from '../signals.js';
import { LiveView } from '../output/live-view.js';
import { waitingWords } from '../output/words.js';
import { chooseModels, localModelFile, type ModelOptions } from '../solve/choose-models.js';
import { VERSION } from '../version.js';

/** The services in the order of their ports, which are next to each other; the gateway's comes after them. */
const SERVICES: readonly ServiceName[] = ['meta-agent', 'workflow-runner', 'sandbox', 'reward'];

/** How long it waits for commands that are about to give the store back, in milliseconds. */
const STORE_WAIT_MS = 5000;
const STORE_RETRY_MS = 100;

/** Options of `flow serve`. */
export interface ServeOptions extends ModelOptions {
  readonly host: string;
  /** Port of the first service; the others and the gateway take the next four. */
  readonly port: number;
  readonly json?: boolean;
}

/** `flow serve`: every service on TCP ports of this machine, until a signal comes. */
export async function serve(options: ServeOptions): Promise<ExitCode> {
  // It asks nobody who they are, and whoever reaches it can spend its models' money.
  if (!isLocal(formatAddress({ host: options.host, port: options.port }))) {
    throw new FlowError(
      'INVALID_ARGUMENT',
      'SERVE_UNPROTECTED',
      `flow serve asks for no credentials, so it listens on this machine alone, not on ${options.host}`,
      {
        hint: 'leave --host out, or run the single services, which take tokens, TLS and client certificates',
      },
    );
  }
  const interrupts = listenForInterrupts();
  const view = new LiveView({ out: process.stderr, now: Date.now });
  if (options.json !== true) view.start();
  try {
    await serveUntil(interrupts.signal, options, view);
    return interrupts.exitCode() ?? ExitCode.ownFault;
  } catch (error) {
    view.stop();
    const code = interrupts.exitCode();
    if (code === undefined) throw withHint(error);
    // Everything is stopped; only the wait for a service that was being started would keep the process.
    process.exit(code);
  } finally {
    view.stop();
    interrupts.dispose();
  }
}

function withHint(error: unknown): unknown {
  if (!(error instanceof FlowError) || error.reason !== 'ADDRESS_IN_USE') return error;
  const hint = `flow serve takes ${SERVICES.length + 1} ports from --port on; give it others`;
  return new FlowError(error.code, error.reason, error.message, { hint, cause: error });
}

async function serveUntil(signal: AbortSignal, options: ServeOptions, view: LiveView): Promise<void> {
  const say = (words: string): void =>
    void (options.json === true || process.stderr.write(`flow: ${words}\n`));
  const settings = readServeSettings(process.env);
  const models = chooseModels(options, process.env);
  const modelFile = models.usesLocal
    ? await localModelFile(options, (words) => view.preparing(words), signal)
    : undefined;
  view.doing('starting the services');
  const endpoints = new AttachedEndpoints();
  const services = await whenStoreIsFree(signal, () =>
    composeServices({
      kind: 'serve',
      endpoints,
      models: { worker: models.worker, meta: models.meta },
      settings,
      signal,
      dataFolder: embeddedPaths(process.env).dataFolder,
      addresses: addressesOf(options),
      http: { host: options.host, port: options.port + SERVICES.length },
      logger: createLogger({ service: 'serve', version: VERSION, level: 'warn' }),
    }),
  );
  const localModel = new LocalModel(endpoints, (line) => process.stderr.write(`${line}\n`));
  try {
    for (const { apiKey, grammarStyle: _style, ...endpoint } of models.endpoints) {
      endpoints.add({ ...endpoint, ...(apiKey === '' ? {} : { apiKey }) });
    }
    if (modelFile !== undefined) {
      view.doing(waitingWords(['model']));
      await localModel.use(modelFile);
    }
    const key = await createDevelopmentKey(services.addresses['meta-agent']);
    try {
      const ready = {
        event: 'ready',
        grpc: services.addresses,
        http: services.http,
        api_key: key.secret,
      };
      view.stop();
      if (options.json === true) process.stdout.write(`${JSON.stringify(ready)}\n`);
      else for (const line of readyWords(services, key.secret)) say(line);
      await Promise.race([untilAborted(signal), services.failed]);
      say('stopping');
    } finally {
      await key.revoke();
    }
  } finally {
    await Promise.all([localModel.close(), services.close()]);
    await endpoints.close();
  }
}

/** What people are told: addresses, and a first request to paste. */
function readyWords({ addresses, http = '' }: ComposedServices, key: string): string[] {
  const request = JSON.stringify({
    model: 'flowreasoner',
    messages: [{ role: 'user', content: 'Write a Python function is_even(n). is_even(4) is True.' }],
  });
  return [
    ...Object.entries(addresses).map(([name, address]) => `${name.padEnd(15)} ${address}`),
    `${'gateway'.padEnd(15)} ${http}`,
    `${'API key'.padEnd(15)} ${key} (until this command ends)`,
    'try it:',
    `  curl ${http}/v1/chat/completions -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '${request}'`,
    'ready; Ctrl-C stops everything',
  ];
}

function addressesOf({ host, port }: ServeOptions): Record<ServiceName, string> {
  return Object.fromEntries(
    SERVICES.map((name, index) => [name, formatAddress({ host, port: port + index })]),
  ) as Record<ServiceName, string>;
}

/** Tries again while a command that has just ended still holds the store. */
async function whenStoreIsFree<T>(signal: AbortSignal, start: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + STORE_WAIT_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof StoreInUseError) || !error.passing || Date.now() > giveUpAt) throw error;
    }
    await delay(STORE_RETRY_MS, undefined, { signal });
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
