import type { Server } from '@grpc/grpc-js';

/** Health of a server and its services, as `grpc.health.v1.Health` reports it. */
export interface HealthReporter {
  /** Sets the health of every service and of the server as a whole (the empty name). */
  set(serving: boolean): void;
}

/** Full name of the health service. */
export const healthService = 'grpc.health.v1.Health';

/** Adds the standard health service to a server. */
export async function addHealth(
  server: Server,
  services: readonly string[],
  serving: boolean,
): Promise<HealthReporter> {
  const { HealthImplementation } = await import('grpc-health-check');
  const health = new HealthImplementation();
  const set = (now: boolean): void => {
    for (const name of ['', ...services]) health.setStatus(name, now ? 'SERVING' : 'NOT_SERVING');
  };
  set(serving);
  health.addToServer(server);
  return { set };
}
