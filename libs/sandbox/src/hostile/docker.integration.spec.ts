import { afterAll } from 'vitest';
import type { DockerPlace } from '../adapters/docker/docker-place.js';
import { TestDaemon } from '../testing/docker-daemon.js';
import { describeHostile } from './describe-hostile.js';

let daemon: TestDaemon | undefined;
let place: DockerPlace | undefined;
afterAll(async () => {
  await place?.close();
  await daemon?.close();
});

describeHostile('docker', async () => {
  daemon = await TestDaemon.start();
  place = await daemon.open(4);
  const { backend, report } = place.current();
  if (backend === undefined) throw new Error(report.reason);
  return backend;
});
