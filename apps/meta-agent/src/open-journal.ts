import type { Secret } from '@flowreasoner/config';
import { openPgliteJournal, openPostgresJournal, type Journal } from '@flowreasoner/meta-agent';
import type { Logger } from '@flowreasoner/telemetry';

/** Where the journal is, as the configuration says. */
export interface JournalConfig {
  readonly databaseUrl?: Secret | undefined;
  readonly databaseConnections: number;
  readonly dataFolder?: string | undefined;
}

/**
 * Opens the journal: on Postgres where a database is named, else in a folder.
 *
 * @throws FlowError when it can't be opened
 */
export function openJournal(config: JournalConfig, logger: Logger): Promise<Journal> {
  const { databaseUrl, databaseConnections, dataFolder } = config;
  if (databaseUrl !== undefined) {
    return openPostgresJournal({
      url: databaseUrl.reveal(),
      connections: databaseConnections,
      onError: (error) => logger.warn({ err: error }, 'an idle database connection failed'),
    });
  }
  if (dataFolder === undefined) throw new Error('neither a database nor a folder is configured');
  return openPgliteJournal({ folder: dataFolder });
}
