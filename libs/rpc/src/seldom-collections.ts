import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 collect the whole heap of this process seldom, and with one thread
 * beside the main one. Calls leave behind what only such a collection takes
 * away, some kilobytes each, so that left to itself V8 marks everything again
 * after a thousand calls or two. It does so with up to four threads, which take
 * the cores from whoever waits for an answer, and throws away the machine code
 * of functions that no call holds at that moment. What it costs and saves is in
 * docs/benchmarks.md.
 *
 * V8 looks at both settings whenever it begins or ends a collection, so they
 * count from the call on, however the process was started. The old generation
 * grows to three times what lived in it at its last collection, at most to V8's
 * limit (`--max-old-space-size`).
 */
export function collectSeldom(): void {
  setFlagsFromString('--heap-growing-percent=200');
  setFlagsFromString('--concurrent-marking-max-worker-num=1');
}
