import { createHash } from 'node:crypto';
import type { Endpoint } from '@flowreasoner/contracts/host';
import type { ModelRef } from '@flowreasoner/contracts/workflow';
import { ensureModelFile } from '@flowreasoner/model-server';
import { FlowError } from '@flowreasoner/rpc';

/** Word that names the local model in `--worker` and `--meta`, and its endpoint in the host. */
export const LOCAL = 'local';

const OPENAI_URL = 'https://api.openai.com/v1';

/** What the command line says about models. */
export interface ModelOptions {
  readonly baseUrl?: string | undefined;
  readonly worker?: string | undefined;
  readonly meta?: string | undefined;
  readonly modelFile?: string | undefined;
}

/** The models of a run and what the host needs to reach them. */
export interface ModelChoice {
  readonly worker: ModelRef;
  readonly meta: ModelRef;
  readonly endpoints: readonly Endpoint[];
  /** Whether the local model is used by either. */
  readonly usesLocal: boolean;
}

/**
 * Decides which models a run uses: the local one unless an endpoint or model is
 * named; one name serves for both roles.
 *
 * @throws FlowError INVALID_ARGUMENT when the flags do not say which model is meant
 */
export function chooseModels(options: ModelOptions, env: NodeJS.ProcessEnv): ModelChoice {
  const worker = options.worker ?? options.meta ?? (options.baseUrl === undefined ? LOCAL : undefined);
  const meta = options.meta ?? options.worker ?? worker;
  if (worker === undefined || meta === undefined) {
    throw new FlowError('INVALID_ARGUMENT', 'MODEL_MISSING', `--base-url ${options.baseUrl} needs a model`, {
      hint: 'name it with --worker MODEL, and with --meta MODEL when another one designs the workflows',
    });
  }
  const names = [worker, meta];
  const remote = names.some((name) => name !== LOCAL);
  const endpoint = remote
    ? remoteEndpoint(options.baseUrl, env['OPENAI_API_KEY'] ?? '', worker, meta)
    : undefined;
  const ref = (name: string): ModelRef =>
    name === LOCAL ? { endpoint: LOCAL, model: '' } : { endpoint: endpoint?.name ?? '', model: name };
  return {
    worker: ref(worker),
    meta: ref(meta),
    endpoints: endpoint === undefined ? [] : [endpoint],
    usesLocal: names.includes(LOCAL),
  };
}

/** Finds the local model's file, and fetches it the first time. */
export async function localModelFile(
  options: ModelOptions,
  progress: (words: string) => void,
  signal: AbortSignal,
): Promise<string> {
  return await ensureModelFile({
    ...(options.modelFile === undefined ? {} : { modelFile: options.modelFile }),
    onProgress: ({ phase, bytes, totalBytes }) => {
      if (phase === 'downloading')
        progress(`fetching the local model: ${megabytes(bytes)} of ${megabytes(totalBytes)}`);
      if (phase === 'verifying') progress('verifying the local model');
      if (phase === 'waiting') progress('waiting for another command that fetches the local model');
    },
    signal,
  });
}

function remoteEndpoint(baseUrl: string | undefined, apiKey: string, worker: string, meta: string): Endpoint {
  if (baseUrl === undefined && apiKey === '') {
    throw new FlowError(
      'INVALID_ARGUMENT',
      'MODEL_ENDPOINT_MISSING',
      `no endpoint is given for the model ${worker === LOCAL ? meta : worker}`,
      {
        hint: 'give --base-url URL (an OpenAI-compatible server), or set OPENAI_API_KEY to use api.openai.com',
      },
    );
  }
  const url = baseUrl ?? OPENAI_URL;
  let host: string;
  try {
    host = new URL(url).host;
  } catch {
    throw new FlowError('INVALID_ARGUMENT', 'BASE_URL_INVALID', `--base-url ${url} is not a URL`, {
      hint: 'it looks like http://127.0.0.1:8000/v1',
    });
  }
  // Equal endpoints of two commands share a name, so that the host keeps one.
  const id = createHash('sha256').update(`${url}\0${apiKey}`).digest('hex').slice(0, 8);
  return {
    name: `${host.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 40)}-${id}`,
    baseUrl: url,
    apiKey,
    defaultModel: worker === LOCAL ? meta : worker,
    grammarStyle: 'auto',
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
