import { describe, expect, it } from 'vitest';
import { OutputCapture } from './output-capture.js';

describe('OutputCapture', () => {
  it('keeps everything within the limit', () => {
    const capture = new OutputCapture(10);
    expect(capture.add(Buffer.from('hello')).toString()).toBe('hello');
    expect(capture.add(Buffer.from('world')).toString()).toBe('world');
    expect(capture.bytes().toString()).toBe('helloworld');
    expect(capture).toMatchObject({ truncated: false, flooded: false });
  });

  it('cuts at the limit to the byte and flags it', () => {
    const capture = new OutputCapture(10);
    capture.add(Buffer.from('hello'));
    expect(capture.add(Buffer.from('wonderful')).toString()).toBe('wonde');
    expect(capture.add(Buffer.from('world')).length).toBe(0);
    expect(capture.bytes().toString()).toBe('hellowonde');
    expect(capture).toMatchObject({ truncated: true, flooded: false });
  });

  it('is flooded beyond sixteen times the limit', () => {
    const capture = new OutputCapture(10);
    capture.add(Buffer.alloc(160));
    expect(capture.flooded).toBe(false);
    capture.add(Buffer.alloc(1));
    expect(capture.flooded).toBe(true);
  });
});
