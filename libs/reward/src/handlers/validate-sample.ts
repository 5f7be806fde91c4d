import type {
  Sample,
  ScoreGroupRequest,
  ScoreRequest,
  ScoreStreamRequest,
} from '@flowreasoner/contracts/reward';
import { limits } from './limits.js';
import { Violations } from './violations.js';

/**
 * @returns the sample, which is there
 * @throws FlowError INVALID_ARGUMENT that names every field that is wrong
 */
export function validateScore(request: ScoreRequest): Sample {
  return validateSingle(request, false);
}

/** As {@link validateScore}; results of a stream are matched by name, so there must be one. */
export function validateStreamed(request: ScoreStreamRequest): Sample {
  return validateSingle(request, true);
}

/** @throws FlowError INVALID_ARGUMENT that names every field that is wrong */
export function validateGroup(request: ScoreGroupRequest): void {
  const violations = new Violations();
  const { samples } = request;
  expectTask(violations, request.task);
  violations.expect(samples.length > 0, 'samples', 'is empty');
  violations.expect(samples.length <= limits.samples, 'samples', `has more than ${limits.samples} entries`);
  if (samples.length <= limits.samples) {
    samples.forEach((sample, index) => expectSample(violations, `samples[${index}]`, sample));
    const names = samples.map(({ sampleId }) => sampleId).filter((name) => name !== '');
    violations.expect(new Set(names).size === names.length, 'samples', 'has two samples of one sample_id');
  }
  violations.throwIfAny();
}

function validateSingle(request: ScoreRequest | ScoreStreamRequest, named: boolean): Sample {
  const violations = new Violations();
  const { sample } = request;
  expectTask(violations, request.task);
  if (sample === undefined) violations.expect(false, 'sample', 'is missing');
  else {
    expectSample(violations, 'sample', sample);
    violations.expect(!named || sample.sampleId !== '', 'sample.sample_id', 'is required in a stream');
  }
  violations.throwIfAny();
  if (sample === undefined) throw new TypeError('a missing sample is a violation');
  return sample;
}

function expectTask(violations: Violations, task: string): void {
  violations.expect(/^tasks\/[0-9a-f]{32}$/.test(task), 'task', 'is no handle such as PutTask returns');
}

function expectSample(violations: Violations, field: string, sample: Sample): void {
  const expectSize = (name: string, text: string, limit: number): void =>
    violations.expect(Buffer.byteLength(text) <= limit, `${field}.${name}`, `is longer than ${limit} bytes`);
  expectSize('sample_id', sample.sampleId, limits.nameBytes);
  expectSize('answer', sample.answer, limits.answerBytes);
  expectSize('workflow', sample.workflow, limits.workflowBytes);
  const { usage, budget } = sample;
  violations.expect(isAmount(usage?.costUsd), `${field}.usage.cost_usd`, 'is negative or no number');
  violations.expect(isAmount(budget?.costUsd), `${field}.budget.cost_usd`, 'is negative or no number');
}

function isAmount(value: number | undefined): boolean {
  return value === undefined || (Number.isFinite(value) && value >= 0);
}
