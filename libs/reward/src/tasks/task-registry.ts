import { AnswerChecks } from '@flowreasoner/contracts/evaluate';
import { PutTaskRequest } from '@flowreasoner/contracts/reward';
import { Integrity, Suite } from '@flowreasoner/contracts/sandbox';
import { FlowError } from '@flowreasoner/rpc';
import type { ParentCall } from '@flowreasoner/rpc';
import { digest } from '../digest.js';
import type { Grader, TaskStore } from '../ports.js';
import { decideIntegrity } from './integrity.js';
import type { HiddenTests, RewardTask } from './task.js';
import { visibleCases } from './visible-cases.js';

/** What a {@link TaskRegistry} needs. */
export interface TaskRegistryPorts {
  readonly grader: Grader;
  readonly tasks: TaskStore;
  readonly randomBytes: (length: number) => Uint8Array;
}

interface Registration {
  readonly bodyDigest: string;
  readonly task: Promise<RewardTask>;
}

/** Registers tasks and finds them again. */
export class TaskRegistry {
  readonly #ports: TaskRegistryPorts;
  /** Registrations under way by tenant and request id, so that two at once make one task. */
  readonly #underWay = new Map<string, Registration>();

  constructor(ports: TaskRegistryPorts) {
    this.#ports = ports;
  }

  /**
   * Registers a task; the same request id and body give the same task again.
   *
   * @param request as validated
   * @throws FlowError ALREADY_EXISTS for a request id used with another body
   */
  async put(request: PutTaskRequest, caller: ParentCall): Promise<RewardTask> {
    const { requestId } = request;
    const bodyDigest = digest(PutTaskRequest.encode({ ...request, requestId: '' }).finish());
    if (requestId === '') return this.#register(request, bodyDigest, caller);

    const key = JSON.stringify([caller.tenant, requestId]);
    const running = this.#underWay.get(key);
    if (running) {
      refuseOtherBody(running.bodyDigest, bodyDigest);
      return running.task;
    }
    const task = this.#findOrRegister(request, bodyDigest, caller);
    this.#underWay.set(key, { bodyDigest, task });
    try {
      return await task;
    } finally {
      this.#underWay.delete(key);
    }
  }

  /**
   * The task of a handle.
   *
   * @throws FlowError NOT_FOUND where there is none, or it is another tenant's
   */
  async get(handle: string, tenant: string): Promise<RewardTask> {
    const task = await this.#ports.tasks.get(handle);
    if (task === undefined || task.tenant !== tenant) {
      throw new FlowError('NOT_FOUND', 'TASK_NOT_FOUND', 'There is no task of this handle.', {
        hint: 'Tasks that have not been used for long are forgotten for want of room: put it again with PutTask.',
      });
    }
    return task;
  }

  async #findOrRegister(
    request: PutTaskRequest,
    bodyDigest: string,
    caller: ParentCall,
  ): Promise<RewardTask> {
    const known = await this.#ports.tasks.findByRequest(caller.tenant, request.requestId);
    if (known === undefined) return this.#register(request, bodyDigest, caller);
    refuseOtherBody(known.bodyDigest, bodyDigest);
    return known;
  }

  async #register(request: PutTaskRequest, bodyDigest: string, caller: ParentCall): Promise<RewardTask> {
    const { tests, integrity, encoded } = await this.#hiddenTests(request, caller);
    const task: RewardTask = {
      handle: `tasks/${Buffer.from(this.#ports.randomBytes(16)).toString('hex')}`,
      tenant: caller.tenant,
      requestId: request.requestId,
      bodyDigest,
      tests,
      testsDigest: digest(tests.kind, encoded),
      integrity,
      visibleCases: tests.kind === 'suite' ? visibleCases(tests.suite, request.visibleChecks) : [false],
      bytes: encoded.length,
    };
    const kept = await this.#ports.tasks.put(task);
    refuseOtherBody(kept.bodyDigest, bodyDigest);
    return kept;
  }

  async #hiddenTests(
    request: PutTaskRequest,
    caller: ParentCall,
  ): Promise<{ tests: HiddenTests; integrity: Integrity; encoded: Uint8Array }> {
    const { hiddenTests, answerChecks: checks } = request;
    if (checks !== undefined) {
      // An answer in text is data: there is nothing in it that could forge a verdict.
      const integrity = Integrity.INTEGRITY_ISOLATED;
      return { tests: { kind: 'answer', checks }, integrity, encoded: AnswerChecks.encode(checks).finish() };
    }
    if (hiddenTests === undefined) throw new TypeError('the request was not validated');
    const integrity = await decideIntegrity(this.#ports.grader, {
      suite: hiddenTests,
      reference: request.referenceSolution,
      allowSharedProcess: request.allowSharedProcess,
      caller,
    });
    const suite: Suite = { ...hiddenTests, integrity, hidden: true };
    return { tests: { kind: 'suite', suite }, integrity, encoded: Suite.encode(suite).finish() };
  }
}

function refuseOtherBody(known: string, given: string): void {
  if (known === given) return;
  throw new FlowError('ALREADY_EXISTS', 'REQUEST_ID_REUSED', 'This request_id was used with another task.', {
    hint: 'Use a new request_id for each task.',
  });
}
