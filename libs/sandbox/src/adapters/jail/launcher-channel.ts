/** The greatest message that the launcher may send: output files and a few numbers. */
const MAX_FIELD_BYTES = 64 * 1024 * 1024;
const MAX_FIELDS = 1024;

/** Encodes a list of byte strings: a count, then each one's length and bytes (u32, little-endian). */
export function encodeMessage(fields: readonly (Uint8Array | string | number)[]): Buffer {
  const parts = fields.map((field) => (typeof field === 'object' ? field : String(field)));
  const sizes = parts.map((part) => (typeof part === 'string' ? Buffer.byteLength(part) : part.length));
  const message = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + 4 + size, 4));
  let at = message.writeUInt32LE(fields.length);
  for (const [index, part] of parts.entries()) {
    const size = sizes[index] ?? 0;
    at = message.writeUInt32LE(size, at);
    if (typeof part === 'string') message.write(part, at);
    else message.set(part, at);
    at += size;
  }
  return message;
}

/** What the service tells a jail's helper; see libs/sandbox/native/jail.h. */
export const HelperCommand = {
  configure: 'C',
  run: 'R',
  stdin: 'I',
  stdinEnd: 'E',
  channel: 'F',
  signal: 'S',
  stop: 'X',
} as const;

/** What a jail's helper tells the service. */
export const HelperEvent = {
  ready: 'y',
  started: 's',
  stdout: 'o',
  stderr: 'e',
  channel: 'f',
  taken: 'a',
  refused: 'r',
  ended: 'd',
} as const;

/** A message to the helper: type (one byte), length (u32, little-endian), payload. */
export function encodeHelperMessage(type: string, payload: Uint8Array = new Uint8Array()): Buffer {
  return Buffer.concat([Buffer.from(type, 'latin1'), u32(payload.length), payload]);
}

/** One message of the helper. */
export interface HelperMessage {
  readonly type: string;
  readonly payload: Buffer;
}

/** Decodes the helper's messages from a stream of chunks. */
export class HelperDecoder {
  readonly #queue = new ByteQueue();
  #type = '';
  #size: number | undefined;

  /** Takes a chunk and returns the messages it completed. Throws on a malformed stream. */
  push(chunk: Buffer): HelperMessage[] {
    this.#queue.push(chunk);
    const messages: HelperMessage[] = [];
    for (;;) {
      if (this.#size === undefined) {
        if (this.#queue.length < 5) return messages;
        const header = this.#queue.take(5);
        this.#type = header.toString('latin1', 0, 1);
        this.#size = header.readUInt32LE(1);
        if (this.#size > MAX_FIELD_BYTES) throw new RangeError('helper message is too long');
      }
      if (this.#queue.length < this.#size) return messages;
      messages.push({ type: this.#type, payload: this.#queue.take(this.#size) });
      this.#size = undefined;
    }
  }
}

function u32(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

/** Collects stream chunks and hands out runs of bytes from their front. */
class ByteQueue {
  #chunks: Buffer[] = [];
  length = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.length += chunk.length;
  }

  /** Removes and returns exactly `size` bytes; there must be that many. */
  take(size: number): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    const whole = this.#chunks[0] ?? Buffer.alloc(0);
    this.#chunks = whole.length > size ? [whole.subarray(size)] : [];
    this.length -= size;
    return whole.subarray(0, size);
  }
}

/** Decodes the launcher's messages from a stream of chunks. */
export class MessageDecoder {
  readonly #queue = new ByteQueue();
  #wanted: number | undefined;
  #fields: Buffer[] = [];
  #size: number | undefined;

  /** Takes a chunk and returns the messages it completed. Throws on a malformed stream. */
  push(chunk: Buffer): Buffer[][] {
    this.#queue.push(chunk);
    const messages: Buffer[][] = [];
    for (;;) {
      if (this.#wanted === undefined) {
        if (this.#queue.length < 4) return messages;
        this.#wanted = this.#queue.take(4).readUInt32LE();
        if (this.#wanted > MAX_FIELDS) throw new RangeError('launcher message has too many fields');
      }
      if (this.#fields.length === this.#wanted) {
        messages.push(this.#fields);
        this.#fields = [];
        this.#wanted = undefined;
        continue;
      }
      if (this.#size === undefined) {
        if (this.#queue.length < 4) return messages;
        this.#size = this.#queue.take(4).readUInt32LE();
        if (this.#size > MAX_FIELD_BYTES) throw new RangeError('launcher message field is too long');
      }
      if (this.#queue.length < this.#size) return messages;
      this.#fields.push(this.#queue.take(this.#size));
      this.#size = undefined;
    }
  }
}

/** The greatest frame of a grading's channel, bytes. */
export const MAX_FRAME_BYTES = 8 * 1024 * 1024;

/** A frame: its length (u32, little-endian) and its bytes. */
export function encodeFrame(frame: Uint8Array): Buffer {
  return Buffer.concat([u32(frame.length), frame]);
}

/** Decodes length-prefixed frames that an untrusted program sends. */
export class FrameDecoder {
  readonly #queue = new ByteQueue();
  #size: number | undefined;

  /** Takes a chunk and returns the frames it completed. Throws when a frame is too long. */
  push(chunk: Buffer): Buffer[] {
    this.#queue.push(chunk);
    const frames: Buffer[] = [];
    for (;;) {
      if (this.#size === undefined) {
        if (this.#queue.length < 4) return frames;
        this.#size = this.#queue.take(4).readUInt32LE();
        if (this.#size > MAX_FRAME_BYTES) {
          throw new RangeError(`a frame of ${this.#size} bytes is above the limit of ${MAX_FRAME_BYTES}`);
        }
      }
      if (this.#queue.length < this.#size) return frames;
      frames.push(Buffer.from(this.#queue.take(this.#size)));
      this.#size = undefined;
    }
  }
}
