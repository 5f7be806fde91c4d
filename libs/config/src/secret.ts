import { inspect } from 'node:util';
import { z } from 'zod';

/** A value that no log, error or inspection shows; `reveal()` gives it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: hand it to the one place that needs it and keep no copy. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

const secretMark = { secret: true };

/**
 * Schema of a secret. Beside its own variable it can be given by a file whose
 * path stands in `<VARIABLE>_FILE`, as Kubernetes and Docker mount secrets.
 */
export function secret(): z.ZodType<Secret, string> {
  return z
    .string()
    .min(1)
    .transform((value) => new Secret(value))
    .meta(secretMark);
}
