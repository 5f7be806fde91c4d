import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Begins every secret, so that one is found wherever it turns up. */
const SECRET_PREFIX = 'LEAK-';
const VARIABLE = 'FLOW_HOSTILE_SECRET_TOKEN';

/**
 * What hostile programs would like to reach: a file that everybody may read, a
 * variable of the service, and servers on a port, an abstract name and a socket
 * file. Each holds a secret.
 */
export class Bait {
  /** Secret of the programs that run beside a hostile one. */
  readonly neighbourSecret = SECRET_PREFIX + randomBytes(12).toString('hex');
  /** Stands in the command line of a program that runs beside a hostile one. */
  readonly mark = `neighbour-${randomBytes(6).toString('hex')}`;
  #visits = 0;

  private constructor(
    private readonly folder: string,
    private readonly secret: string,
    private readonly servers: readonly Server[],
    private readonly places: { port: number; abstract: string; socket: string; file: string },
  ) {
    for (const server of servers) {
      server.on('connection', (connection) => {
        this.#visits += 1;
        connection.on('error', () => undefined).end(secret);
      });
    }
  }

  /** Puts everything in place. */
  static async lay(): Promise<Bait> {
    const folder = mkdtempSync(join(tmpdir(), 'flow-hostile-'));
    chmodSync(folder, 0o755);
    const secret = SECRET_PREFIX + randomBytes(12).toString('hex');
    const file = join(folder, 'secret');
    writeFileSync(file, secret, { mode: 0o644 });
    process.env[VARIABLE] = secret;
    const socket = join(folder, 'socket');
    const abstract = `flow-hostile-${randomBytes(6).toString('hex')}`;
    const port = createServer().listen(0, '0.0.0.0');
    const servers = [port, createServer().listen(`\0${abstract}`), createServer().listen(socket)];
    await Promise.all(servers.map((server) => once(server, 'listening')));
    chmodSync(socket, 0o777);
    const places = { port: (port.address() as AddressInfo).port, abstract, socket, file };
    return new Bait(folder, secret, servers, places);
  }

  /** Connections that somebody made to the servers. */
  get visits(): number {
    return this.#visits;
  }

  /** The variable that tells a hostile program where to try; secrets are encoded without their prefix. */
  get variables(): Record<string, string> {
    const encoded = [this.secret, this.neighbourSecret].map((secret) =>
      Buffer.from(secret.slice(SECRET_PREFIX.length)).toString('base64'),
    );
    const neighbour = this.neighbourSecret.slice(SECRET_PREFIX.length).slice(0, 8);
    return { HOSTILE: JSON.stringify({ ...this.places, mark: this.mark, neighbour, encoded }) };
  }

  /** Whether bytes that came out of a jail hold a secret. */
  leakedIn(output: Uint8Array): boolean {
    return [this.secret, this.neighbourSecret].some((secret) => Buffer.from(output).includes(secret));
  }

  /** Takes everything away. */
  remove(): void {
    delete process.env[VARIABLE];
    for (const server of this.servers) server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
