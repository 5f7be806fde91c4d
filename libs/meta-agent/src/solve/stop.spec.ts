import { RunStatus, StopReason } from '@flowreasoner/contracts/metaagent';
import { FlowError } from '@flowreasoner/rpc';
import { describe, expect, it } from 'vitest';
import { completeOptions } from '../runs/complete-options.js';
import { runDeadlineError, stopOfError } from './stop.js';

const options = { ...completeOptions(undefined, { policy: 'search' }), deadlineMs: 1_500 };
const atWork = { options, signal: new AbortController().signal };
const late = new FlowError('DEADLINE_EXCEEDED', 'MODEL_CALL_DEADLINE', 'There was no answer in time.');
const away = new FlowError('UNAVAILABLE', 'MODEL_UNREACHABLE', 'The endpoint is away.');
const deadline = {
  status: RunStatus.RUN_STATUS_DEADLINE,
  reason: StopReason.STOP_REASON_DEADLINE,
  errorReason: 'RUN_DEADLINE',
  message: 'The deadline of 1500 ms was reached.',
};

describe('the stop of a run that an error ends', () => {
  it('is its deadline, whether its own timer or that of its model request was first', () => {
    const aborted = { options, signal: AbortSignal.abort(runDeadlineError(options)) };
    expect(stopOfError(aborted, late)).toMatchObject(deadline);
    expect(stopOfError(aborted, away)).toMatchObject(deadline);
    expect(stopOfError(atWork, late)).toMatchObject(deadline);
  });

  it('is what an aborted run was aborted with, and not what that made fail', () => {
    const reason = new FlowError('CANCELLED', 'RUN_CANCELLED', 'The run was cancelled.');
    const stop = stopOfError({ options, signal: AbortSignal.abort(reason) }, late);
    expect(stop).toMatchObject({
      status: RunStatus.RUN_STATUS_CANCELLED,
      reason: StopReason.STOP_REASON_CANCELLED,
    });
  });

  it('is an error of a service that is away, and a fault of ours for anything else', () => {
    const error = { reason: StopReason.STOP_REASON_ERROR };
    const { RUN_STATUS_UNAVAILABLE, RUN_STATUS_FAILED } = RunStatus;
    expect(stopOfError(atWork, away)).toMatchObject({ ...error, status: RUN_STATUS_UNAVAILABLE });
    expect(stopOfError(atWork, new Error('x'))).toMatchObject({ ...error, status: RUN_STATUS_FAILED });
  });
});
