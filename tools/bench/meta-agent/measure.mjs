// A bench stands beside the projects and may use any of them.
/* eslint-disable @nx/enforce-module-boundaries */
import { cpus } from 'node:os';
import { startTemporaryPostgres } from '@flowreasoner/testing';
import { measureJournal } from './journal.mjs';
import { measureRuns } from './runs.mjs';
import { startServices } from './services.mjs';

// The bundle starts itself once more for the services that runs need.
if (process.argv[2] === '--services') await startServices(JSON.parse(process.argv[3]));

/** Measures everything and prints it. */
export async function measure({ root, runs, rounds, events, models, loads, profile }) {
  console.log(`machine: ${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.versions.node}`);
  const postgres = await startTemporaryPostgres();
  try {
    if (events > 0) await measureJournal(postgres.url, events);
    for (const modelMs of models)
      for (const load of loads)
        await measureRuns({ root, url: postgres.url, runs, rounds, modelMs, load, profile });
  } finally {
    await postgres.stop();
  }
}
