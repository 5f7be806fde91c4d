import Docker from 'dockerode';

/** Longest that the daemon may take to answer, but for waiting and streams. */
const ANSWER_TIMEOUT_MS = 20_000;

/** A Docker daemon on a socket of this machine. */
export class DockerDaemon {
  /** For requests that are answered at once. */
  readonly api: Docker;
  /** For requests that last as long as a container does. */
  readonly streams: Docker;

  /** @param socketPath such as /var/run/docker.sock */
  constructor(readonly socketPath: string) {
    this.api = new Docker({ socketPath, timeout: ANSWER_TIMEOUT_MS });
    this.streams = new Docker({ socketPath });
  }

  /** One sentence about a request that failed. */
  explain(cause: unknown): string {
    const { code, message, json } = cause as NodeJS.ErrnoException & { json?: { message?: string } };
    switch (code) {
      case 'ENOENT':
        return `no Docker daemon listens on ${this.socketPath}`;
      case 'ECONNREFUSED':
        return `the Docker daemon on ${this.socketPath} is gone`;
      case 'EACCES':
        return `this user may not use the Docker daemon on ${this.socketPath}`;
      case 'ECONNRESET':
      case 'EPIPE':
        return `the Docker daemon on ${this.socketPath} went away`;
      default:
        return json?.message ?? message;
    }
  }
}
