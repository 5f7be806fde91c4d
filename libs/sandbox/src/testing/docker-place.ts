import { SANDBOX_IMAGE, type TestDaemon } from '@flowreasoner/testing';
import { DockerPlace } from '../adapters/docker/docker-place.js';
import { probeBackend } from '../backend-probe.js';

/** The docker backend on a test's daemon, probed. */
export function openDocker({ socketPath }: TestDaemon, warm = 1, runtime?: string): Promise<DockerPlace> {
  const { signal } = new AbortController();
  return DockerPlace.open({
    ...{ image: SANDBOX_IMAGE, socketPath, warm, runtime, clock: performance },
    probe: (backend) => probeBackend(backend, signal),
  });
}
