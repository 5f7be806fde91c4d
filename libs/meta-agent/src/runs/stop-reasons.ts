import { FlowError } from '@flowreasoner/rpc';

/** Somebody asked for the run's end. */
export function cancelled(): FlowError {
  return new FlowError('CANCELLED', 'RUN_CANCELLED', 'The run was cancelled.');
}

/** The run's owner died with its process, and nobody is to go on with it. */
export function interrupted(): FlowError {
  return new FlowError(
    'ABORTED',
    'INTERRUPTED',
    'The process that worked on the run ended before the run did.',
    { hint: 'Start the run again.' },
  );
}

/** This process stops, and the run goes on elsewhere. */
export function handedOver(): FlowError {
  return new FlowError('ABORTED', 'RUN_HANDED_OVER', 'The service stopped; the run goes on elsewhere.');
}

/** The run is owned by somebody else, or work on it begins anew here. */
export function lost(runId: string): FlowError {
  return new FlowError('ABORTED', 'RUN_LOST', `Run ${runId} is owned by somebody else now.`);
}

/** Whether that is {@link cancelled}. */
export function isCancelled(reason: unknown): reason is FlowError {
  return reason instanceof FlowError && reason.reason === 'RUN_CANCELLED';
}

/** Whether work was stopped because the run goes on without it. */
export function isGone({ reason }: AbortSignal): boolean {
  return reason instanceof FlowError && (reason.reason === 'RUN_HANDED_OVER' || reason.reason === 'RUN_LOST');
}
