import { createServer, type Server } from 'node:net';
import type { FlowHome, RunningFlow } from './flow-process.js';

/** `flow serve` at work. */
export interface ServedFlow {
  readonly running: RunningFlow;
  /** Address of each service, by its name. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Base URL of the gateway, and a key for it. */
  readonly http: string;
  readonly apiKey: string;
}

/** Starts `flow serve` on free ports and waits until it is ready. */
export async function startServe(
  home: FlowHome,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ServedFlow> {
  const running = home.start(['serve', '--json', '--port', String(await freePorts(5)), ...args], { env });
  const line = await running.line('"event":"ready"');
  return {
    running,
    addresses: line['grpc'] as Record<string, string>,
    http: String(line['http']),
    apiKey: String(line['api_key']),
  };
}

/** First of `count` ports in a row that nobody listens on. */
export async function freePorts(count: number): Promise<number> {
  for (let first = 20_000 + (process.pid % 500) * 20; first < 32_000; first += count) {
    const servers = await Promise.all(Array.from({ length: count }, (_, index) => listen(first + index)));
    await Promise.all(
      servers.map(
        (server) => new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined))),
      ),
    );
    if (servers.every((server) => server !== undefined)) return first;
  }
  throw new Error(`there are no ${count} free ports in a row`);
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
