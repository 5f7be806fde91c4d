import type { ModelClient } from '@flowreasoner/model';
import type { PromptStyle } from './ports.js';

/**
 * How the models of an endpoint are asked for code: as configured, otherwise
 * `continue` for servers of our own, which go on with an answer begun by the
 * caller, and `chat` for all others.
 *
 * @param endpoint name; empty means the first endpoint
 * @param configured styles by endpoint name
 */
export function promptStyleOf(
  models: ModelClient,
  endpoint: string,
  configured: ReadonlyMap<string, PromptStyle>,
): PromptStyle {
  const found =
    endpoint === '' ? models.endpoints[0] : models.endpoints.find(({ name }) => name === endpoint);
  return configured.get(found?.name ?? endpoint) ?? (found?.local === true ? 'continue' : 'chat');
}
