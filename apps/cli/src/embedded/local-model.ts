import { type StartedModelServer, startModelServer } from '@flowreasoner/model-server';
import { LOCAL } from '../solve/choose-models.js';
import type { AttachedEndpoints } from './attached-endpoints.js';
import { bundlePath } from './child-process.js';

/** The local model's server, started when the first command asks for it. */
export class LocalModel {
  #starting: Promise<StartedModelServer> | undefined;
  readonly #ending = new AbortController();

  constructor(
    private readonly endpoints: AttachedEndpoints,
    private readonly log: (line: string) => void,
  ) {}

  /** Resolves once the local model answers; a start that failed is tried again by the next caller. */
  async use(modelFile: string): Promise<void> {
    this.#starting ??= this.#start(modelFile);
    try {
      await this.#starting;
    } catch (error) {
      this.#starting = undefined;
      throw error;
    }
  }

  /** Ends the server and its workers, and a start in progress. */
  async close(): Promise<void> {
    this.#ending.abort();
    const server = await this.#starting?.catch(() => undefined);
    await server?.close();
  }

  async #start(modelFile: string): Promise<StartedModelServer> {
    const server = await startModelServer({
      program: bundlePath('model-server'),
      modelFile,
      onLogLine: this.log,
      signal: this.#ending.signal,
    });
    const forget = this.endpoints.add({
      name: LOCAL,
      baseUrl: server.url,
      defaultModel: server.model,
      grammarStyle: 'grammar',
      continueStyle: 'plain',
      local: true,
    });
    void server.exited.then(() => {
      forget();
      this.#starting = undefined;
    });
    return server;
  }
}
