import { ConfigError, loadConfig } from '@flowreasoner/config';
import { graderSettings } from '@flowreasoner/evaluate';
import { gatewaySettings } from '@flowreasoner/gateway';
import { quotaSettings } from '@flowreasoner/meta-agent';
import { FlowError } from '@flowreasoner/rpc';
import { z } from 'zod';

/** What the variables of {@link readServeSettings} begin with. */
export const SERVE_PREFIX = 'FLOW_SERVE';

const serveSettingsSchema = z.object({ ...quotaSettings(), ...graderSettings(), ...gatewaySettings() });

/** What services may be told beyond the options of a command. */
export type ServeSettings = z.infer<typeof serveSettingsSchema>;

/** Settings of services that are told nothing. */
export const defaultServeSettings: ServeSettings = serveSettingsSchema.parse({});

/**
 * Reads the settings of `flow serve` from variables that begin with FLOW_SERVE.
 *
 * @throws FlowError INVALID_ARGUMENT INVALID_CONFIGURATION that names every variable that is wrong
 */
export function readServeSettings(env: NodeJS.ProcessEnv): ServeSettings {
  return orRefuse(() => loadConfig(serveSettingsSchema, { env, prefix: SERVE_PREFIX }));
}

/** Gives what `read` gives, or what is wrong with the configuration as an error for the terminal. */
export function orRefuse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new FlowError('INVALID_ARGUMENT', 'INVALID_CONFIGURATION', error.message, {
      hint: 'docs/operating.md lists the variables',
    });
  }
}
