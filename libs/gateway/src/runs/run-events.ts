import { RunEvent, type MetaAgentServiceClient } from '@flowreasoner/contracts/metaagent';
import { serverStream } from '@flowreasoner/rpc';
import { encodeEvent } from '../http/event-stream.js';
import { problemOf } from '../http/problem.js';

/** Which events are sent, and to whom. */
export interface RunEventsOptions {
  readonly client: MetaAgentServiceClient;
  readonly tenant: string;
  /** Name of the run. */
  readonly name: string;
  readonly afterSequence: bigint;
  readonly streamTokens: boolean;
  readonly signal: AbortSignal;
  readonly requestId: string;
}

/**
 * The events of a run as server-sent events: `id` is the sequence number, `event` the kind in
 * snake_case, `data` the event in protobuf's JSON form. A failure ends the stream with an event
 * `error` that holds problem details; clients go on from the last id.
 */
export async function* runEvents(options: RunEventsOptions): AsyncGenerator<string, void, undefined> {
  const { client, tenant, name, afterSequence, streamTokens, signal, requestId } = options;
  try {
    const request = { name, afterSequence, streamTokens };
    const stream = serverStream(client, 'watchRun', request, { tenant, signal, deadlineMs: Infinity });
    for await (const { event } of stream) if (event !== undefined) yield encodeRunEvent(event);
  } catch (error) {
    if (signal.aborted) return;
    yield encodeEvent(JSON.stringify(problemOf(error, requestId)), { event: 'error' });
  }
}

function encodeRunEvent(event: RunEvent): string {
  const kind = (event.event?.$case ?? 'unknown').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return encodeEvent(JSON.stringify(RunEvent.toJSON(event)), {
    event: kind,
    // Events that are not journalled have no place that a client could go on from.
    ...(event.sequence === 0n ? {} : { id: String(event.sequence) }),
  });
}
