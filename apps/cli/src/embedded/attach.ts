import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { AttachResponse, Endpoint } from '@flowreasoner/contracts/host';
import { HostServiceClient } from '@flowreasoner/contracts/host';
import { KeyServiceClient, MetaAgentServiceClient } from '@flowreasoner/contracts/metaagent';
import { RewardServiceClient } from '@flowreasoner/contracts/reward';
import { SandboxServiceClient } from '@flowreasoner/contracts/sandbox';
import { WorkflowServiceClient } from '@flowreasoner/contracts/workflow';
import { bidiStream, createClient, FlowError } from '@flowreasoner/rpc';
import { VERSION } from '../version.js';
import { bundlePath } from './child-process.js';
import { hostFailure, LOCK_HELD_EXIT_CODE, StoreInUseError } from './host-failure.js';
import { type EmbeddedPaths, storeFolder } from './paths.js';
import type { SlowPart } from './slow-part.js';
import { readHolder } from './store-holder.js';

/** How long a command waits for the host to be ready, in milliseconds. */
const READY_TIMEOUT_MS = 150_000;
/** How long it waits for a store whose holder offers no socket, in milliseconds: the time that a host may take to start. */
const LOCKED_TIMEOUT_MS = 30_000;
/** How long a host that is not wanted any more has to end by itself, in milliseconds. */
const ABANDON_MS = 700;
/** Size beyond which the host's log is begun anew, in bytes. */
const MAX_LOG_BYTES = 1024 * 1024;
const RETRY_MS = 40;

/** What a command wants of the host. */
export interface AttachOptions {
  readonly paths: EmbeddedPaths;
  /** Endpoints that this command brings. */
  readonly endpoints: readonly Endpoint[];
  /** File of the local model, when this command uses it. */
  readonly localModelFile?: string | undefined;
  /** Told what the host is still getting ready, where this command has started it. */
  readonly onWaiting?: (parts: readonly SlowPart[]) => void;
  readonly signal?: AbortSignal;
}

/** The embedded services, for as long as they are needed. */
export interface Embedded {
  readonly metaAgent: MetaAgentServiceClient;
  readonly keys: KeyServiceClient;
  readonly reward: RewardServiceClient;
  readonly sandbox: SandboxServiceClient;
  readonly workflow: WorkflowServiceClient;
  /** Lets the host go; it ends with its last command. */
  detach(): Promise<void>;
}

/**
 * Attaches to the host of this user's store, and starts it when there is none.
 *
 * @throws FlowError UNAVAILABLE with what the host said when it can't start;
 *   FAILED_PRECONDITION STORE_LOCKED when the store is not to be had
 */
export async function attach(options: AttachOptions): Promise<Embedded> {
  const giveUpAt = Date.now() + READY_TIMEOUT_MS;
  let host: StartedHost | undefined;
  let lockedSince: number | undefined;
  const abandon = (): void => host?.abandon();
  options.signal?.addEventListener('abort', abandon, { once: true });
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const embedded = await attachOnce(options);
      options.signal?.removeEventListener('abort', abandon);
      return embedded;
    } catch (error) {
      if (!(error instanceof FlowError) || error.code !== 'UNAVAILABLE') throw error;
      // The host says itself why it could not do what was asked; only a host that is not there is worth waiting for.
      if (
        error.reason !== 'SERVICE_UNREACHABLE' &&
        error.reason !== 'UNAVAILABLE' &&
        error.reason !== 'SERVER_DRAINING'
      )
        throw error;
      if (Date.now() > giveUpAt) {
        throw new FlowError(
          'UNAVAILABLE',
          'HOST_TIMEOUT',
          `the embedded services were not ready after ${READY_TIMEOUT_MS / 1000} s`,
          {
            hint: `their log is ${options.paths.logFile}`,
            cause: error,
          },
        );
      }
    }
    const exit = host?.exitCode();
    if (exit !== undefined && exit !== LOCK_HELD_EXIT_CODE && exit !== 0)
      throw hostFailure(options.paths.logFile);
    if (exit === LOCK_HELD_EXIT_CODE) {
      lockedSince ??= Date.now();
      if (Date.now() - lockedSince > LOCKED_TIMEOUT_MS) {
        const folder = storeFolder(options.paths.dataFolder);
        throw new StoreInUseError(folder, readHolder(folder));
      }
    }
    if (exit === 0) lockedSince = undefined;
    if (host === undefined || exit !== undefined) host = startHost(options);
    await delay(RETRY_MS, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}

async function attachOnce(options: AttachOptions): Promise<Embedded> {
  const client = createClient(HostServiceClient, {
    address: `unix:${options.paths.hostSocket}`,
    maxAttempts: 1,
  });
  try {
    const stream = bidiStream(client, 'attach', {
      deadlineMs: Infinity,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    await stream.write({
      version: VERSION,
      endpoints: [...options.endpoints],
      localModelFile: options.localModelFile ?? '',
    });
    const responses = stream[Symbol.asyncIterator]();
    const first = await responses.next();
    if (first.done === true) throw new FlowError('UNAVAILABLE', 'SERVICE_UNREACHABLE', 'the host ended');
    return connect(first.value, async () => {
      stream.end();
      // The host answers the end of our stream with the end of its own.
      await Promise.race([responses.next().catch(() => undefined), delay(1000, undefined, { ref: false })]);
      client.close();
    });
  } catch (error) {
    client.close();
    throw error;
  }
}

function connect(response: AttachResponse, release: () => Promise<void>): Embedded {
  const address = (name: string): { address: string } => ({ address: response.addresses[name] ?? '' });
  const clients = {
    metaAgent: createClient(MetaAgentServiceClient, address('meta-agent')),
    keys: createClient(KeyServiceClient, address('meta-agent')),
    reward: createClient(RewardServiceClient, address('reward')),
    sandbox: createClient(SandboxServiceClient, address('sandbox')),
    workflow: createClient(WorkflowServiceClient, address('workflow-runner')),
  };
  return {
    ...clients,
    detach: async () => {
      for (const client of Object.values(clients)) client.close();
      await release();
    },
  };
}

interface StartedHost {
  exitCode(): number | undefined;
  /** Ends it soon, unless it is ready for others. */
  abandon(): void;
}

function startHost({ paths, localModelFile, onWaiting }: AttachOptions): StartedHost {
  const log = openLog(paths);
  // Detached: Ctrl-C in this terminal must not end the services of another one.
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--enable-source-maps', bundlePath('cli', 'host-main.js')],
    {
      detached: true,
      // Our end of its standard input is our sign of life until we are attached.
      stdio: ['pipe', log, log, 'ipc'],
      env: {
        ...hostEnvironment(process.env, paths),
        ...(localModelFile === undefined ? {} : { FLOW_LOCAL_MODEL_FILE: localModelFile }),
      },
    },
  );
  closeSync(log);
  const waiting = new Set<SlowPart>([
    'sandbox',
    'store',
    ...(localModelFile === undefined ? [] : (['model'] as const)),
  ]);
  onWaiting?.([...waiting]);
  child.on('message', (part) => {
    if (waiting.delete(part as SlowPart)) onWaiting?.([...waiting]);
  });
  // It tells us more, but must not keep this command from ending.
  child.channel?.unref();
  let code: number | undefined;
  child.once('exit', (exitCode) => (code = exitCode ?? 70));
  child.once('error', () => (code = 70));
  child.stdin?.on('error', () => {});
  if (child.stdin instanceof Socket) child.stdin.unref();
  child.unref();
  return {
    exitCode: () => code,
    abandon: () => {
      child.stdin?.destroy();
      // A host that is making a new store hears nothing for seconds. While it has no
      // socket nobody uses it, and a store that is half made is made anew.
      setTimeout(() => {
        if (code === undefined && !existsSync(paths.hostSocket)) child.kill('SIGKILL');
      }, ABANDON_MS);
    },
  };
}

function openLog({ logFile, dataFolder }: EmbeddedPaths): number {
  try {
    const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
    return openSync(logFile, size > MAX_LOG_BYTES ? 'w' : 'a', 0o600);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new FlowError(
      'FAILED_PRECONDITION',
      'FOLDER_UNUSABLE',
      `nothing can be written in the folder ${dataFolder} (${code})`,
      { hint: 'set FLOW_HOME to a folder that this user can write', cause: error },
    );
  }
}

/** What the host may see of the command's environment: no key of one command may serve another. */
function hostEnvironment(env: NodeJS.ProcessEnv, paths: EmbeddedPaths): NodeJS.ProcessEnv {
  const passed = [
    'PATH',
    'HOME',
    'LANG',
    'TZ',
    'TMPDIR',
    'XDG_RUNTIME_DIR',
    'XDG_CACHE_HOME',
    'XDG_DATA_HOME',
    // How model endpoints are reached from this network.
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'NODE_EXTRA_CA_CERTS',
    'SSL_CERT_FILE',
  ];
  return {
    ...Object.fromEntries(passed.map((name) => [name, env[name]]).filter(([, value]) => value !== undefined)),
    FLOW_HOME: paths.dataFolder,
  };
}
