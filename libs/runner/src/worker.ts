import type { ModelRef } from '@flowreasoner/contracts/workflow';
import type { ModelClient } from '@flowreasoner/model';
import { FlowError } from '@flowreasoner/rpc';
import type { PromptStyle } from './ports.js';

/** The model that operators ask. */
export interface Worker {
  /** Name of its endpoint. */
  readonly endpoint: string;
  /** Name of the model; empty when neither request nor endpoint names one. */
  readonly model: string;
  readonly promptStyle: PromptStyle;
}

/**
 * The model that a request means, with the defaults filled in.
 *
 * @throws FlowError INVALID_ARGUMENT for an endpoint that is not there
 */
export function resolveWorker(models: ModelClient, ref: ModelRef | undefined): Worker {
  const wanted = ref?.endpoint ?? '';
  const { endpoints } = models;
  const endpoint = wanted === '' ? endpoints[0] : endpoints.find(({ name }) => name === wanted);
  if (endpoint === undefined) {
    const names = endpoints.map(({ name }) => name).join(', ') || 'none';
    const description = `there is no model endpoint ${JSON.stringify(wanted.slice(0, 64))}; configured: ${names}`;
    throw new FlowError('INVALID_ARGUMENT', 'MODEL_ENDPOINT_UNKNOWN', description, {
      fieldViolations: [{ field: 'worker.endpoint', description }],
    });
  }
  const { name, defaultModel } = endpoint;
  return { endpoint: name, model: ref?.model || (defaultModel ?? ''), promptStyle: promptStyleOf(endpoint) };
}

/** The declared style; otherwise that of servers of our own, which go on with a begun answer, or of others. */
function promptStyleOf({ promptStyle, local }: ModelClient['endpoints'][number]): PromptStyle {
  if (promptStyle !== 'auto') return promptStyle;
  return local ? 'continue' : 'chat';
}
