import { createHash } from 'node:crypto';
import { Integrity, VerdictStatus } from '@flowreasoner/contracts/sandbox';
import type { Verdict } from '@flowreasoner/contracts/sandbox';
import { FlowError } from '@flowreasoner/rpc';
import { describe, expect, it } from 'vitest';
import { MemoryTaskStore } from '../adapters/tasks/memory-task-store.js';
import type { GradingRequest } from '../ports.js';
import { FakeGrader } from '../testing/fake-grader.js';
import { caller, functionSuite, putTaskRequest, stdioSuite, verdict } from '../testing/fixtures.js';
import { TaskRegistry } from './task-registry.js';

const { INTEGRITY_ISOLATED: isolated, INTEGRITY_SHARED_PROCESS: shared } = Integrity;

function registryOf(
  answer: (candidate: string, request: GradingRequest) => Verdict | Promise<Verdict> = () => verdict('PP'),
  limits: { tasks?: number; bytes?: number } = {},
) {
  const grader = new FakeGrader(answer);
  let count = 0;
  const randomBytes = (length: number): Uint8Array =>
    createHash('sha256').update(String(count++)).digest().subarray(0, length);
  return { grader, registry: new TaskRegistry({ grader, tasks: new MemoryTaskStore(limits), randomBytes }) };
}

describe('TaskRegistry.put', () => {
  it('keeps how answers in text are judged, and grades nothing for it', async () => {
    const { registry, grader } = registryOf();
    const rule = { $case: 'math', value: { accepted: ['42'] } } as const;
    const answerChecks = { rule: { ...rule, value: { accepted: ['42'] } } };
    const task = await registry.put(putTaskRequest({ hiddenTests: undefined, answerChecks }), caller);
    expect(task).toMatchObject({ tests: { kind: 'answer', checks: { rule } }, visibleCases: [false] });
    expect(task.integrity).toBe(isolated);
    expect(grader.requests).toEqual([]);
  });

  it('gives each task a handle of its own and finds it again, for its tenant only', async () => {
    const { registry } = registryOf();
    const task = await registry.put(putTaskRequest(), caller);
    const other = await registry.put(putTaskRequest(), caller);
    expect(task.handle).toMatch(/^tasks\/[0-9a-f]{32}$/);
    expect(other.handle).not.toBe(task.handle);
    expect((await registry.get(task.handle, 'default')).tests).toMatchObject({ suite: { hidden: true } });
    await expect(registry.get(task.handle, 'other')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(registry.get('tasks/none', 'default')).rejects.toMatchObject({ reason: 'TASK_NOT_FOUND' });
  });

  it('gives the same request the same task, and two at once as well', async () => {
    const { registry, grader } = registryOf();
    const request = putTaskRequest({ requestId: 'r1', referenceSolution: Buffer.from('x') });
    const [one, two] = await Promise.all([registry.put(request, caller), registry.put(request, caller)]);
    const three = await registry.put(request, caller);
    expect(new Set([one.handle, two.handle, three.handle]).size).toBe(1);
    expect(grader.requests).toHaveLength(1);
    expect((await registry.put(request, { ...caller, tenant: 'other' })).handle).not.toBe(one.handle);
  });

  it('refuses a request id with another body, while and after the first is put', async () => {
    const { registry } = registryOf();
    const changed = putTaskRequest({
      requestId: 'r1',
      hiddenTests: functionSuite({ asserts: ['assert True'] }),
    });
    const refusal = { code: 'ALREADY_EXISTS', reason: 'REQUEST_ID_REUSED' };
    const first = registry.put(putTaskRequest({ requestId: 'r1' }), caller);
    await expect(registry.put(changed, caller)).rejects.toMatchObject(refusal);
    await first;
    await expect(registry.put(changed, caller)).rejects.toMatchObject(refusal);
  });

  it('forgets a failed request, so that it can be sent again', async () => {
    let broken = true;
    const { registry } = registryOf(() =>
      broken ? Promise.reject(new FlowError('UNAVAILABLE', 'GONE', 'no')) : verdict('PP'),
    );
    const request = putTaskRequest({ requestId: 'r1', referenceSolution: Buffer.from('x') });
    await expect(registry.put(request, caller)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'SANDBOX_FAILED',
    });
    broken = false;
    await expect(registry.put(request, caller)).resolves.toMatchObject({ integrity: isolated });
  });

  it('keeps to its bounds and forgets the request id with the task', async () => {
    const { registry } = registryOf(undefined, { tasks: 2 });
    const first = await registry.put(putTaskRequest({ requestId: 'r1' }), caller);
    await registry.put(putTaskRequest(), caller);
    await registry.put(putTaskRequest(), caller);
    await expect(registry.get(first.handle, 'default')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await registry.put(putTaskRequest({ requestId: 'r1' }), caller)).handle).not.toBe(first.handle);
  });
});

describe('integrity', () => {
  const reference = Buffer.from('reference');
  const onlyShared = (_candidate: string, { suite }: GradingRequest): Verdict =>
    verdict(suite.integrity === shared ? 'PP' : 'FF');

  it('is ISOLATED where nothing else is asked for', async () => {
    const { registry, grader } = registryOf(() => verdict('FF'));
    expect((await registry.put(putTaskRequest(), caller)).integrity).toBe(isolated);
    expect(grader.requests.map(({ candidate }) => candidate.length)).toEqual([0]);
    await registry.put(putTaskRequest({ hiddenTests: stdioSuite() }), caller);
    expect(grader.requests).toHaveLength(1);
  });

  it('refuses tests that load for no program, and forms that the sandbox does not grade', async () => {
    const { registry: unloadable } = registryOf(() => ({
      ...verdict(''),
      status: VerdictStatus.VERDICT_STATUS_ERROR,
    }));
    const refused = { code: 'FAILED_PRECONDITION', reason: 'SUITE_UNUSABLE' };
    await expect(unloadable.put(putTaskRequest(), caller)).rejects.toMatchObject(refused);
    await expect(
      unloadable.put(putTaskRequest({ referenceSolution: reference }), caller),
    ).rejects.toMatchObject(refused);
    const { registry: narrow } = registryOf(() =>
      Promise.reject(new FlowError('UNIMPLEMENTED', 'X', 'not here')),
    );
    const unsupported = { code: 'FAILED_PRECONDITION', reason: 'SUITE_UNSUPPORTED' };
    await expect(narrow.put(putTaskRequest({ allowSharedProcess: true }), caller)).rejects.toMatchObject(
      unsupported,
    );
  });

  it('is what the caller asks for', async () => {
    const { registry } = registryOf();
    const hiddenTests = { ...functionSuite(), integrity: shared };
    const task = await registry.put(putTaskRequest({ hiddenTests }), caller);
    expect(task.integrity).toBe(shared);
    expect(task.tests).toMatchObject({ suite: { integrity: shared } });
  });

  it('falls back to SHARED_PROCESS only where the caller allows it and the reference needs it', async () => {
    const { registry } = registryOf(onlyShared);
    const allowed = putTaskRequest({ referenceSolution: reference, allowSharedProcess: true });
    expect((await registry.put(allowed, caller)).integrity).toBe(shared);
    await expect(registry.put({ ...allowed, allowSharedProcess: false }, caller)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'REFERENCE_SOLUTION_FAILS',
    });
    const { registry: strict, grader } = registryOf();
    expect((await strict.put(allowed, caller)).integrity).toBe(isolated);
    expect(grader.requests.map(({ suite }) => suite.integrity)).toEqual([isolated]);
  });

  it('tries the reference on the hidden form of the suite and refuses one that fails', async () => {
    const { registry, grader } = registryOf(() => ({
      ...verdict('PF'),
      status: VerdictStatus.VERDICT_STATUS_FAILED,
    }));
    const request = putTaskRequest({
      hiddenTests: { ...functionSuite(), hidden: false },
      referenceSolution: reference,
    });
    await expect(registry.put(request, caller)).rejects.toMatchObject({ reason: 'REFERENCE_SOLUTION_FAILS' });
    expect(grader.requests[0]?.suite.hidden).toBe(true);
  });
});
