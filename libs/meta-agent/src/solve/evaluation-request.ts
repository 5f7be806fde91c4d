import type { MemoEntry } from '@flowreasoner/contracts/workflow';
import type { SolveContext } from './context.js';
import { requestKey } from './request-key.js';
import { noUsage } from './usage.js';

/** How an answer of the sandbox is kept: a message of the contracts. */
export interface MessageCodec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

/** A request that judges an answer. */
export interface EvaluationRequest<T> {
  /** Such as `grade`. */
  readonly kind: string;
  /** Everything that the answer depends on. */
  readonly content: unknown;
  readonly codec: MessageCodec<T>;
  /** The most sandbox time that it can take, in milliseconds; 0 where it takes none. */
  readonly reservedMs: number;
  /** Makes the request; `kept` says whether its answer is one that holds. */
  perform(): Promise<{ readonly answer: T; readonly wallMs: number; readonly kept: boolean }>;
}

/**
 * Makes a request, counts its sandbox time, and adds it to the journal. One
 * that an earlier owner of the run has finished is answered from there.
 *
 * @throws what performing it threw, or the journal
 */
export async function evaluationRequest<T>(context: SolveContext, request: EvaluationRequest<T>): Promise<T> {
  const { round } = context;
  const key = requestKey(request.kind, request.content);
  const emit = (wallMs: number, fromMemo: boolean, memo: MemoEntry | undefined): void =>
    context.emit(round, { $case: 'evaluationRequestFinished', value: { wallMs, fromMemo, memo } });
  const found = context.record.round(round)?.requests.get(key);
  if (found !== undefined) {
    emit(0, true, found);
    return request.codec.decode(found.response);
  }
  const { reservedMs } = request;
  if (reservedMs > 0) {
    context.emit(round, { $case: 'evaluationRequestStarted', value: { reservedMs } });
    // Before it is made: whoever goes on with the run counts it.
    await context.committed();
  }
  let performed: Awaited<ReturnType<typeof request.perform>>;
  try {
    performed = await request.perform();
  } catch (error) {
    // What a failed request took is not known, and not the run's doing.
    if (reservedMs > 0) emit(0, false, undefined);
    throw error;
  }
  const { answer, wallMs, kept } = performed;
  context.ledger.add({ ...noUsage, sandboxMs: wallMs });
  const response = Buffer.from(request.codec.encode(answer).finish());
  emit(wallMs, false, kept ? { key, response } : undefined);
  return answer;
}
