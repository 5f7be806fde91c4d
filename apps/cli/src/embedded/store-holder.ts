import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who has the store open. */
export interface StoreHolder {
  /** `host`: the embedded services, gone with their last command; `serve`: until somebody stops it. */
  readonly kind: 'host' | 'serve';
  readonly processId: number;
  /** Where it offers the services, for the `--server` option. */
  readonly server: string;
}

/**
 * Leaves word beside the store's lock of who holds it. Only whoever has the
 * lock calls this.
 *
 * @returns what takes the word away again
 */
export function announceHolder(storeFolder: string, holder: StoreHolder): () => void {
  const file = fileOf(storeFolder);
  writeFileSync(file, JSON.stringify(holder), { mode: 0o600 });
  return () => {
    // The lock may have passed on already, and its next holder left word.
    if (readHolder(storeFolder)?.processId === holder.processId) rmSync(file, { force: true });
  };
}

/** Who has the store open; undefined when nobody left word, or only a process that is gone. */
export function readHolder(storeFolder: string): StoreHolder | undefined {
  try {
    const holder = JSON.parse(readFileSync(fileOf(storeFolder), 'utf8')) as StoreHolder;
    // A process that was killed takes nothing back.
    process.kill(holder.processId, 0);
    return holder;
  } catch {
    return undefined;
  }
}

function fileOf(storeFolder: string): string {
  return join(storeFolder, 'holder.json');
}
