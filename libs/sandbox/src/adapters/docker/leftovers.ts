import { existsSync } from 'node:fs';
import { LABELS } from './container-options.js';
import type { DockerDaemon } from './docker-daemon.js';

/**
 * Removes containers that a service of this machine left behind: those of
 * processes that are gone, and those that bear this process's own id, which are
 * of an earlier process or of a daemon that was lost.
 *
 * @returns how many were removed
 */
export async function removeLeftovers(daemon: DockerDaemon, host: string): Promise<number> {
  const filters = { label: [`${LABELS.host}=${host}`] };
  const containers = await daemon.api.listContainers({ all: true, filters });
  const left = containers.filter(({ Labels }) => {
    const pid = Labels[LABELS.process] ?? '';
    return pid === String(process.pid) || !existsSync(`/proc/${pid}`);
  });
  await Promise.all(left.map(({ Id }) => removeContainer(daemon, Id)));
  return left.length;
}

/** One that somebody else is removing, or has, is no failure. */
async function removeContainer(daemon: DockerDaemon, id: string): Promise<void> {
  try {
    await daemon.api.getContainer(id).remove({ force: true, v: true });
  } catch (error) {
    if (![404, 409].includes((error as { statusCode?: number }).statusCode ?? 0)) throw error;
  }
}
