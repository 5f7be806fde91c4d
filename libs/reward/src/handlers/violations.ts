import { FlowError } from '@flowreasoner/rpc';
import type { FieldViolation } from '@flowreasoner/rpc';

/** Collects what is wrong with a request. Descriptions never quote the value: it may be a hidden test. */
export class Violations {
  readonly #found: FieldViolation[] = [];

  /** Notes a violation of a field unless the condition holds. */
  expect(condition: boolean, field: string, description: string): void {
    if (!condition) this.#found.push({ field, description });
  }

  /** @throws FlowError INVALID_ARGUMENT that names every violation, if there is any */
  throwIfAny(): void {
    if (this.#found.length === 0) return;
    const text = this.#found.map(({ field, description }) => `${field} ${description}`).join('; ');
    throw new FlowError('INVALID_ARGUMENT', 'INVALID_REQUEST', text, { fieldViolations: this.#found });
  }
}
