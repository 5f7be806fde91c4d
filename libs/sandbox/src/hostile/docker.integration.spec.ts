import { TestDaemon } from '@flowreasoner/testing';
import { afterAll } from 'vitest';
import type { DockerPlace } from '../adapters/docker/docker-place.js';
import { openDocker } from '../testing/docker-place.js';
import { describeHostile } from './describe-hostile.js';

let daemon: TestDaemon | undefined;
let place: DockerPlace | undefined;
afterAll(async () => {
  await place?.close();
  await daemon?.close();
});

describeHostile('docker', async () => {
  daemon = await TestDaemon.start();
  place = await openDocker(daemon, 4);
  const { backend, report } = place.current();
  if (backend === undefined) throw new Error(report.reason);
  return backend;
});
