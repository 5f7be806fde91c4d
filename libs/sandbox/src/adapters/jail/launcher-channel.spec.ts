import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FrameDecoder,
  MAX_FRAME_BYTES,
  MessageDecoder,
  encodeFrame,
  encodeMessage,
} from './launcher-channel.js';

/** Cuts bytes into chunks at the given places. */
function chunks(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

describe('messages', () => {
  it('come out as they went in, however the stream is cut', () => {
    const message = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 9 }),
        (messages, cuts) => {
          const decoder = new MessageDecoder();
          const bytes = Buffer.concat(messages.map((fields) => encodeMessage(fields)));
          const got = chunks(bytes, cuts).flatMap((chunk) => decoder.push(chunk));
          expect(got.map((fields) => fields.map((field) => [...field]))).toEqual(
            messages.map((fields) => fields.map((field) => [...field])),
          );
        },
      ),
    );
  });

  it('are refused when malformed', () => {
    const count = Buffer.alloc(4, 0xff);
    expect(() => new MessageDecoder().push(count)).toThrow('too many fields');
    expect(() => new MessageDecoder().push(Buffer.concat([Buffer.from([1, 0, 0, 0]), count]))).toThrow(
      'too long',
    );
  });
});

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 9 }),
        (frames, cuts) => {
          const decoder = new FrameDecoder();
          const bytes = Buffer.concat(frames.map((frame) => encodeFrame(frame)));
          const got = chunks(bytes, cuts).flatMap((chunk) => decoder.push(chunk));
          expect(got.map((frame) => [...frame])).toEqual(frames.map((frame) => [...frame]));
        },
      ),
    );
  });

  it('are refused above the limit before they arrive', () => {
    const header = Buffer.alloc(4);
    header.writeUInt32LE(MAX_FRAME_BYTES + 1);
    expect(() => new FrameDecoder().push(header)).toThrow(`above the limit of ${MAX_FRAME_BYTES}`);
  });
});
