import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the memory of this process near what it needs. Left to itself, V8 lets
 * the young generation of a busy service grow to fifty megabytes and the old one
 * to several times what lives in it, so that it takes twice as much after a day
 * as in its first minute. Programs are what this machine's memory is for.
 *
 * V8 looks at both settings whenever it would let a space grow, so they count
 * from the call on, however the process was started.
 */
export function keepHeapSteady(): void {
  // The young generation stays as large as it is: what an execution leaves dies young.
  setFlagsFromString('--semi-space-growth-factor=1');
  // The old one is collected once it has grown by a fifth since it was last.
  setFlagsFromString('--heap-growing-percent=20');
}
