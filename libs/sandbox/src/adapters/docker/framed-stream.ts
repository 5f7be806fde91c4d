/** One frame: where it belongs and its bytes. */
export interface Frame {
  readonly stream: number;
  readonly data: Buffer;
}

/** How a kind of frame begins. */
interface FrameHeader {
  readonly bytes: number;
  /** Reads the length of what follows from a header whose first byte is the stream. */
  readonly sizeOf: (header: Buffer) => number;
  readonly maxBytes: number;
}

/** The Docker daemon's attach stream: stream, three zeros, length (u32, big-endian). */
export const ATTACH_FRAME: FrameHeader = {
  ...{ bytes: 8, maxBytes: 1024 * 1024 },
  sizeOf: (header) => header.readUInt32BE(4),
};

/** A container's relay, see `container_launcher.py`: stream, length (u32, little-endian). */
export const RELAY_FRAME: FrameHeader = {
  ...{ bytes: 5, maxBytes: 1024 * 1024 },
  sizeOf: (header) => header.readUInt32LE(1),
};

/** Streams of a container's relay; `container_launcher.py` has the same numbers. */
export const RelayStream = { stdin: 0, stdout: 1, stderr: 2, control: 3, channel: 4, facts: 5 } as const;

/** A frame for the relay. No bytes end the stream. */
export function encodeRelayFrame(stream: number, data: Uint8Array): Buffer {
  const header = Buffer.alloc(RELAY_FRAME.bytes);
  header.writeUInt8(stream);
  header.writeUInt32LE(data.length, 1);
  return Buffer.concat([header, data]);
}

/** Decodes frames of one kind from a stream of chunks. */
export class FramedStream {
  #rest: Buffer = Buffer.alloc(0);

  constructor(private readonly header: FrameHeader) {}

  /** Takes a chunk and returns the frames it completed. Throws on one that is too long. */
  push(chunk: Buffer): Frame[] {
    const { bytes, sizeOf, maxBytes } = this.header;
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    while (this.#rest.length >= bytes) {
      const size = sizeOf(this.#rest);
      if (size > maxBytes) throw new RangeError(`a frame of ${size} bytes is above the limit of ${maxBytes}`);
      if (this.#rest.length < bytes + size) break;
      frames.push({ stream: this.#rest.readUInt8(), data: this.#rest.subarray(bytes, bytes + size) });
      this.#rest = this.#rest.subarray(bytes + size);
    }
    return frames;
  }
}
