import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ATTACH_FRAME, FramedStream, RELAY_FRAME, encodeRelayFrame } from './framed-stream.js';

describe('FramedStream', () => {
  it('decodes what was encoded, however it is cut', () => {
    const frame = fc.record({
      stream: fc.integer({ min: 0, max: 5 }),
      data: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(frame), fc.integer({ min: 1, max: 17 }), (frames, step) => {
        const bytes = Buffer.concat(frames.map(({ stream, data }) => encodeRelayFrame(stream, data)));
        const decoder = new FramedStream(RELAY_FRAME);
        const decoded = [];
        for (let at = 0; at < bytes.length; at += step)
          decoded.push(...decoder.push(bytes.subarray(at, at + step)));
        expect(decoded).toEqual(frames.map(({ stream, data }) => ({ stream, data: Buffer.from(data) })));
      }),
    );
  });

  it("reads the daemon's own frames", () => {
    const bytes = Buffer.from([2, 0, 0, 0, 0, 0, 0, 3, 97, 98, 99, 1]);
    expect(new FramedStream(ATTACH_FRAME).push(bytes)).toEqual([{ stream: 2, data: Buffer.from('abc') }]);
  });

  it('refuses a frame that nobody sends', () => {
    const bytes = Buffer.from([1, 255, 255, 255, 255]);
    expect(() => new FramedStream(RELAY_FRAME).push(bytes)).toThrow('above the limit of 1048576');
  });
});
