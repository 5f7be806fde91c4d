import { type ChildService, startChild } from './child-process.js';

/** Image that the docker backend runs programs in unless FLOW_SANDBOX_DOCKER_IMAGE names another. */
const DEFAULT_IMAGE = 'flowreasoner-sandbox';

/** How long the sandbox has to probe itself and to listen, in milliseconds; a busy machine takes long. */
export const SANDBOX_READY_MS = 120_000;

/** How the sandbox service is started. */
export interface SandboxProcessOptions {
  /** Default: warn. */
  readonly logLevel?: 'warn' | 'silent';
  /** Whether it is to have the docker backend even where the environment names no image. */
  readonly docker?: boolean;
}

/**
 * Starts the sandbox service as a child process with a scrubbed environment, as
 * it always runs: it must see neither keys nor the store.
 *
 * @param address address on which it is to listen
 */
export function startSandbox(address: string, options: SandboxProcessOptions = {}): ChildService {
  return startChild('sandbox', {
    FLOW_SANDBOX_ADDRESS: address,
    FLOW_SANDBOX_STOP_WITH_STDIN: 'true',
    FLOW_SANDBOX_DRAIN_MS: '0',
    FLOW_LOG_LEVEL: options.logLevel ?? 'warn',
    ...sandboxSettings(process.env, options.docker === true),
  });
}

/** What a sandbox takes from our environment: which backends it has, and nothing else. */
export function sandboxSettings(env: NodeJS.ProcessEnv, docker: boolean): Record<string, string> {
  const names = [
    'FLOW_SANDBOX_DEFAULT_BACKEND',
    'FLOW_SANDBOX_DOCKER_IMAGE',
    'FLOW_SANDBOX_DOCKER_SOCKET_PATH',
    'FLOW_SANDBOX_DOCKER_RUNTIME',
  ];
  const taken = names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { ...(docker ? { FLOW_SANDBOX_DOCKER_IMAGE: DEFAULT_IMAGE } : {}), ...Object.fromEntries(taken) };
}
