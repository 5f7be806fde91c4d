/**
 * Resolves when standard input ends: a parent that holds its other end takes
 * this process with it, however the parent ends.
 */
export function untilStdinEnds(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.resume();
    process.stdin.once('end', resolve);
    process.stdin.once('close', resolve);
    process.stdin.once('error', () => resolve());
  });
}
