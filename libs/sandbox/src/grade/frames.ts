/** What a frame of the channel is about. */
export const FrameKind = {
  /** To the candidate: its source. */
  load: 'L',
  /** From the candidate: loaded. */
  loaded: 'K',
  /** From the candidate: it could not be loaded. */
  loadFailed: 'F',
  /** From the grader, passed on to the candidate: call a function. */
  call: 'C',
  /** From the candidate, passed on to the grader: the call's outcome. */
  reply: 'V',
  /** To the grader: the suite. */
  setup: 'S',
  /** From the grader: the cases. */
  declared: 'D',
  /** From the grader: a case's outcome. */
  outcome: 'R',
  /** From the grader: the suite has been run. */
  ended: 'E',
  /** To the grader: the call took too long. */
  timedOut: 'T',
  /** To the grader: the candidate is gone. */
  died: 'X',
} as const;

/** One frame: a kind, the number of a case, and bytes that only the two ends read. */
export interface Frame {
  readonly kind: string;
  readonly caseIndex: number;
  readonly payload: Buffer;
}

const HEADER_BYTES = 5;

/** Encodes a frame: kind (one byte), case (i32, little-endian), payload. */
export function encodeGradeFrame(kind: string, caseIndex: number, payload: Uint8Array | string = ''): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(kind, 0, 1, 'latin1');
  header.writeInt32LE(caseIndex, 1);
  return Buffer.concat([header, typeof payload === 'string' ? Buffer.from(payload) : payload]);
}

/** Decodes a frame; undefined when it is too short to be one. */
export function decodeGradeFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  return {
    kind: bytes.toString('latin1', 0, 1),
    caseIndex: bytes.readInt32LE(1),
    payload: bytes.subarray(HEADER_BYTES),
  };
}
