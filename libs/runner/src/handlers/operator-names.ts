import { FlowError } from '@flowreasoner/rpc';
import { OPERATORS } from '@flowreasoner/workflow';

/**
 * Refuses names of operators that don't exist.
 *
 * @throws FlowError INVALID_ARGUMENT
 */
export function requireOperators(field: string, names: readonly string[]): void {
  const unknown = names.findIndex((name) => !OPERATORS.has(name));
  if (unknown < 0) return;
  const description = `there is no operator ${JSON.stringify(names[unknown]?.slice(0, 64))}; ListOperators names them`;
  throw new FlowError('INVALID_ARGUMENT', 'OPERATOR_UNKNOWN', description, {
    fieldViolations: [{ field: `${field}[${unknown}]`, description }],
  });
}
