import { GraderServiceClient, type RemoteGrader } from '@flowreasoner/contracts/evaluate';
import { createClient, FlowError, unary, type ClientOptions } from '@flowreasoner/rpc';
import type { AnswerVerdict } from '../verdict.js';

/** Bytes of feedback that are taken from a grader. */
const maxFeedbackBytes = 4_000;

/** Graders by their names in the configuration. */
export interface Graders {
  readonly names: ReadonlySet<string>;
  /**
   * Has a grader judge an answer.
   *
   * @throws FlowError UNAVAILABLE GRADER_UNAVAILABLE that names the grader: it
   *   could not be reached, was too slow, or gave a score that is none
   */
  grade(checks: RemoteGrader, request: RemoteRequest): Promise<AnswerVerdict>;
  close(): void;
}

/** What a grader is asked. */
export interface RemoteRequest {
  readonly problem: string;
  readonly answer: string;
  readonly tenant: string;
  readonly signal: AbortSignal;
}

/**
 * Connects to graders.
 *
 * @param targets how each is reached, by name
 * @param deadlineMs time of one judgement
 */
export function createGraders(targets: Readonly<Record<string, ClientOptions>>, deadlineMs: number): Graders {
  const clients = new Map(
    Object.entries(targets).map(([name, options]) => [name, createClient(GraderServiceClient, options)]),
  );
  return {
    names: new Set(clients.keys()),
    async grade({ grader, data }, { problem, answer, tenant, signal }) {
      const client = clients.get(grader);
      if (client === undefined) throw failed(grader, 'it is not configured here');
      const request = { problem, answer, data: Buffer.from(data) };
      try {
        const response = await unary(client, 'gradeAnswer', request, { deadlineMs, signal, tenant });
        const { score, passed, feedback } = response;
        if (!(score >= 0 && score <= 1)) throw failed(grader, `it gave the score ${score}`);
        return { score, passed, feedback: cut(feedback) };
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof FlowError && error.reason === 'GRADER_UNAVAILABLE') throw error;
        throw failed(grader, error instanceof Error ? error.message : String(error));
      }
    },
    close() {
      for (const client of clients.values()) client.close();
    },
  };
}

function failed(grader: string, why: string): FlowError {
  return new FlowError('UNAVAILABLE', 'GRADER_UNAVAILABLE', `The grader ${grader} failed: ${why}`, {
    hint: `Check that the grader ${grader} is up and that its address in the configuration is right.`,
  });
}

function cut(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length <= maxFeedbackBytes ? text : bytes.subarray(0, maxFeedbackBytes).toString();
}
