/**
 * A computation of the interpreter that may have to wait. It yields a promise
 * to wait for it (the promise never rejects), or null to let others have the
 * processor. Everything between two yields runs at once, in program order.
 */
export type Evaluation<T> = Generator<Promise<void> | null, T, void>;
