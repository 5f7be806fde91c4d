import { randomBytes } from 'node:crypto';
import type { Clock, Ids } from '../ports.js';

/**
 * UUIDs of version 7 (RFC 9562). Within a process they sort in the order they
 * were made: the 12 bits after the time count within a millisecond.
 */
export function createTimeOrderedIds(clock: Clock): Ids {
  let lastMs = 0;
  let count = 0;
  return {
    next() {
      const now = clock.now();
      if (now > lastMs) {
        lastMs = now;
        count = 0;
      } else if (++count > 0xfff) {
        // The counter is full, or the clock went back: borrow from the future.
        lastMs++;
        count = 0;
      }
      const time = lastMs.toString(16).padStart(12, '0');
      const counter = count.toString(16).padStart(3, '0');
      const random = randomBytes(8);
      random[0] = (random.readUInt8(0) & 0x3f) | 0x80;
      const tail = random.toString('hex');
      return `${time.slice(0, 8)}-${time.slice(8)}-7${counter}-${tail.slice(0, 4)}-${tail.slice(4)}`;
    },
  };
}
