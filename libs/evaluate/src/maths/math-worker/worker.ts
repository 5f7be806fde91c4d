// Compares mathematical expressions in a thread that its owner ends when a
// comparison takes too long: powers of powers and factorials can take forever.
import { parentPort } from 'node:worker_threads';
import { ComputeEngine } from '@cortex-js/compute-engine';

interface Question {
  readonly left: string;
  readonly right: string;
}

type Expression = NonNullable<ReturnType<ComputeEngine['parse']>>;

// Irrational-looking points, so that expressions agree by accident only where a zero is hit.
const points = [0.7310585, 1.9245009, -1.3472963, 2.6457513, 0.1931471];
const tolerance = 1e-9;
const engine = new ComputeEngine();

parentPort?.on('message', ({ left, right }: Question) => {
  let equal = false;
  try {
    const [a, b] = [engine.parse(left), engine.parse(right)];
    equal = a !== null && b !== null && areEqual(a, b);
  } catch {
    // What can't be read or computed is not known to be equal.
  }
  parentPort?.postMessage({ equal });
});
parentPort?.postMessage({ ready: true });

function areEqual(left: Expression, right: Expression): boolean {
  if (!left.isValid || !right.isValid) return false;
  if (left.isSame(right)) return true;
  const known = left.isEqual(right);
  return known ?? agreeAtPoints(left, right);
}

/** Whether two expressions agree wherever both have a value, which must be at three points at least. */
function agreeAtPoints(left: Expression, right: Expression): boolean {
  const names = [...new Set([...left.unknowns, ...right.unknowns])].sort();
  if (names.length === 0 || names.length > points.length) return false;
  let agreed = 0;
  for (let shift = 0; shift < points.length; shift++) {
    const at = Object.fromEntries(
      names.map((name, index) => [name, engine.number(points[(index + shift) % points.length] ?? 1)]),
    );
    const [a, b] = [left.subs(at).N(), right.subs(at).N()];
    if (!isFinite(a) || !isFinite(b)) continue;
    const scale = Math.max(1, Math.hypot(a.re, a.im), Math.hypot(b.re, b.im));
    if (Math.hypot(a.re - b.re, a.im - b.im) > tolerance * scale) return false;
    agreed += 1;
  }
  return agreed >= 3;
}

function isFinite(value: Expression): boolean {
  return Number.isFinite(value.re) && Number.isFinite(value.im);
}
