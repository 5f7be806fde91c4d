import { FlowError } from '@flowreasoner/rpc';

const pattern = /^runs\/([0-9a-z][0-9a-z-]{0,63})$/;

/** The resource name of a run. */
export function runName(id: string): string {
  return `runs/${id}`;
}

/**
 * The identifier in a run's name.
 *
 * @throws FlowError INVALID_ARGUMENT when it is no such name
 */
export function runIdOf(name: string, field = 'name'): string {
  const id = pattern.exec(name)?.[1];
  if (id !== undefined) return id;
  throw new FlowError('INVALID_ARGUMENT', 'INVALID_RUN_NAME', 'That is not the name of a run.', {
    fieldViolations: [{ field, description: 'must be of the form runs/{id}' }],
  });
}
