import { formatConfig, loadConfig } from '@flowreasoner/config';
import { parseTokenFile, runMain, startServer, untilStopped, type ServerTlsOptions } from '@flowreasoner/rpc';
import { GetCapabilitiesResponse } from '@flowreasoner/contracts/sandbox';
import { createSandbox, probeSandbox, sandboxConfigSchema, type SandboxConfig } from '@flowreasoner/sandbox';
import { keepHeapSteady } from './steady-heap.js';
import { untilStdinEnds } from './until-stdin-ends.js';

/** Largest message: a program with its files and standard input. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
/** Streams last as long as their callers want. */
const STREAMS = ['ExecuteBatch', 'ExecuteStream'];
const SERVICE = 'flowreasoner.sandbox.v1.SandboxService';
/** Time for a call without a deadline: the greatest wall limit and a place in the queue. */
const DEFAULT_DEADLINE_MS = 300_000;
const NO_LIMITS = { defaultLimits: undefined, maxLimits: undefined };

const prefix = 'FLOW_SANDBOX';
const help = (): string => formatConfig(sandboxConfigSchema, prefix);

keepHeapSteady();
await runMain({ service: 'sandbox', version: '0.1.0', help }, async ({ signal, logger }) => {
  const config = loadConfig(sandboxConfigSchema, { prefix });
  const { image, ...docker } = config.docker;
  const options = { ...config, docker: image === undefined ? undefined : { ...docker, image }, signal };
  if (config.probeOnly) {
    const backends = await probeSandbox(options);
    process.stdout.write(`${JSON.stringify(GetCapabilitiesResponse.toJSON({ ...NO_LIMITS, backends }))}\n`);
    return;
  }
  const { service, backends, close } = await createSandbox(options);
  for (const { name, available, reason, capabilities, languages } of backends.reports()) {
    logger.info({ backend: name, available, reason, languages, capabilities }, 'probed');
  }
  const server = await startServer({
    address: config.address,
    services: [service],
    logger,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    defaultDeadlineMs: DEFAULT_DEADLINE_MS,
    deadlinesMs: Object.fromEntries(STREAMS.map((method) => [`/${SERVICE}/${method}`, Infinity])),
    ...(config.tokens === undefined ? {} : { auth: { tokens: parseTokenFile(config.tokens.reveal()) } }),
    ...(config.tls === undefined ? {} : { tls: tlsOptions(config.tls) }),
  });
  await Promise.race([untilStopped(signal), ...(config.stopWithStdin ? [untilStdinEnds()] : [])]);
  await server.drain(config.drainMs);
  await close();
});

function tlsOptions({
  certFile,
  keyFile,
  clientCaFile,
}: NonNullable<SandboxConfig['tls']>): ServerTlsOptions {
  return { certFile, keyFile, ...(clientCaFile === undefined ? {} : { clientCaFile }) };
}
