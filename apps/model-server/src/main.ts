import { fileURLToPath } from 'node:url';
import { modelServerMain } from '@flowreasoner/model-server';

await modelServerMain(fileURLToPath(import.meta.url), process.argv.slice(2));
