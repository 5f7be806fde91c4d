import { Suite } from '@flowreasoner/contracts/sandbox';
import {
  WorkflowStatus,
  type RunJournaledWorkflowRequest,
  type RunJournaledWorkflowResponse,
  type WorkflowEvent,
} from '@flowreasoner/contracts/workflow';
import { bidiStream, type BidiStream } from '@flowreasoner/rpc';
import { describe, expect, it } from 'vitest';
import { runRequest, startRunHarness, verdict, workflow, type RunHarness } from './testing/run-harness.js';

const answer = (text: string) => ({ kind: 'answer' as const, text });
const one = workflow(`
solution = await self.custom(input="a", instruction="")
return solution['response']`);
const three = workflow(`
answers = []
for i in range(3):
    solution = await self.custom(input=str(i), instruction="")
    answers.append(solution['response'])
return ','.join(answers)`);

/** A journaled run whose events are taken one at a time. */
class JournaledRun {
  readonly call: BidiStream<RunJournaledWorkflowRequest, RunJournaledWorkflowResponse>;
  readonly #events: AsyncIterator<RunJournaledWorkflowResponse>;

  constructor({ client }: RunHarness, fields: Parameters<typeof runRequest>[0]) {
    this.call = bidiStream(client, 'runJournaledWorkflow', { deadlineMs: 30_000 });
    this.#events = this.call[Symbol.asyncIterator]();
    void this.call.write({ request: { $case: 'start', value: runRequest(fields) } });
  }

  keep(starts: number): Promise<void> {
    return this.call.write({ request: { $case: 'keptStarts', value: starts } });
  }

  /** The next event that is no operator's. */
  async next(): Promise<NonNullable<WorkflowEvent['event']>> {
    for (;;) {
      const event = ((await this.#events.next()).value as RunJournaledWorkflowResponse).event?.event;
      if (event === undefined) throw new Error('there is no next event');
      if (event.$case !== 'operatorStarted' && event.$case !== 'operatorFinished') return event;
    }
  }

  async expectNext(...cases: string[]): Promise<void> {
    for (const each of cases) expect((await this.next()).$case).toBe(each);
  }

  failure(): Promise<unknown> {
    return this.next().then(
      (event) => this.failure().catch(() => event),
      (error: unknown) => error,
    );
  }
}

describe('RunJournaledWorkflow', () => {
  it('sends a request to a model only when its start is kept', async () => {
    await using harness = await startRunHarness({ script: () => answer('x') });
    const run = new JournaledRun(harness, { source: three });
    await run.expectNext('modelRequestStarted', 'modelRequestStarted', 'modelRequestStarted');
    expect(harness.models.counts().received).toBe(0);
    await run.keep(2);
    await run.expectNext('modelRequestFinished', 'modelRequestFinished');
    expect(harness.models.counts().received).toBe(2);
    await run.keep(3);
    await run.expectNext('modelRequestFinished');
    const last = await run.next();
    expect(last).toMatchObject({ $case: 'finished', value: { answer: 'x,x,x', usage: { modelCalls: 3 } } });
  });

  it('sends a program to the sandbox only when its start is kept', async () => {
    let graded = 0;
    const sandbox = {
      grade: () => {
        graded++;
        return Promise.resolve(verdict({ passed: 1, total: 1 }));
      },
      execute: () => Promise.reject(new Error('nothing is executed here')),
    };
    await using harness = await startRunHarness({ script: () => answer('x'), sandbox });
    const run = new JournaledRun(harness, {
      source: workflow(`
checked = await self.test(problem=problem, solution="def f(): pass", entry_point="f")
return checked['solution']`),
      visibleChecks: Suite.fromPartial({
        suite: { $case: 'function', value: { entryPoint: 'f', asserts: ['assert f() is None'] } },
      }),
    });
    await run.expectNext('sandboxRequestStarted');
    expect(graded).toBe(0);
    await run.keep(1);
    await run.expectNext('sandboxRequestFinished', 'finished');
    expect(graded).toBe(1);
  });

  it('tells and waits again where an answer broke off, which is charged what it may have used', async () => {
    const broken = { ...answer('long enough'), fault: { kind: 'cut' as const, afterChunks: 3 } };
    const script = [broken, answer('good')];
    await using harness = await startRunHarness({ script, endpoint: { maxRetries: 1 } });
    const run = new JournaledRun(harness, { source: one });
    const first = await run.next();
    await run.keep(1);
    const failed = await run.next();
    expect(failed).toMatchObject({ $case: 'modelRequestFinished', value: { usage: { modelCalls: 1 } } });
    if (first.$case !== 'modelRequestStarted' || failed.$case !== 'modelRequestFinished') throw new Error();
    expect(failed.value.usage).toEqual(first.value.reserved);
    await run.expectNext('modelRequestStarted');
    expect(harness.models.counts().received).toBe(1);
    await run.keep(2);
    await run.expectNext('modelRequestFinished', 'finished');
    expect(harness.models.counts().received).toBe(2);
  });

  it('tells what failed requests are charged, before the run tells it in one', async () => {
    const broken = { ...answer('long enough'), fault: { kind: 'cut' as const, afterChunks: 3 } };
    await using harness = await startRunHarness({ script: () => broken, endpoint: { maxRetries: 1 } });
    const run = new JournaledRun(harness, { source: one });
    const told = { modelCalls: 0, promptTokens: 0, completionTokens: 0 };
    let starts = 0;
    for (let event = await run.next(); ; event = await run.next()) {
      if (event.$case === 'modelRequestStarted') await run.keep((starts += 1));
      if (event.$case === 'modelRequestFinished') {
        const { modelCalls = 0, promptTokens = 0, completionTokens = 0 } = event.value.usage ?? {};
        told.modelCalls += modelCalls;
        told.promptTokens += promptTokens;
        told.completionTokens += completionTokens;
      }
      if (event.$case !== 'finished') continue;
      expect(event.value.status).toBe(WorkflowStatus.WORKFLOW_STATUS_UNAVAILABLE);
      expect(told.modelCalls).toBe(2);
      expect(event.value.usage).toMatchObject(told);
      return;
    }
  });

  it('ends at its time limit when nothing is ever kept, and nothing was sent', async () => {
    await using harness = await startRunHarness({ script: () => answer('x') });
    const limits = { wallMs: 300, steps: 0, operatorCalls: 0, concurrency: 0, maxCompletionTokens: 0 };
    const run = new JournaledRun(harness, { source: three, limits });
    let event = await run.next();
    while (event.$case !== 'finished') event = await run.next();
    expect(event.value.status).toBe(WorkflowStatus.WORKFLOW_STATUS_TIMEOUT);
    expect(event.value.usage?.modelCalls).toBe(0);
    expect(harness.models.counts().received).toBe(0);
  });

  it('refuses messages that are out of order, and ends the run', async () => {
    await using harness = await startRunHarness({ script: () => answer('x') });
    const refused = (message: string) => ({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(message) as string,
    });

    const early = bidiStream(harness.client, 'runJournaledWorkflow', { deadlineMs: 30_000 });
    await early.write({ request: { $case: 'keptStarts', value: 1 } });
    await expect(early[Symbol.asyncIterator]().next()).rejects.toMatchObject(refused('must be start'));

    const twice = new JournaledRun(harness, { source: three });
    await twice.expectNext('modelRequestStarted');
    await twice.call.write({ request: { $case: 'start', value: runRequest({ source: three }) } });
    expect(await twice.failure()).toMatchObject(refused('must be kept_starts'));

    const tooMany = new JournaledRun(harness, { source: three });
    await tooMany.expectNext('modelRequestStarted');
    await tooMany.keep(4);
    expect(await tooMany.failure()).toMatchObject(refused('at most the 3 that were streamed, not 4'));

    const ended = new JournaledRun(harness, { source: three });
    await ended.expectNext('modelRequestStarted');
    ended.call.end();
    expect(await ended.failure()).toMatchObject(refused('ended before all starts were kept'));
    expect(harness.models.counts().received).toBe(0);
  });

  it('needs no more requests once all starts are kept', async () => {
    await using harness = await startRunHarness({ script: () => answer('x') });
    const run = new JournaledRun(harness, { source: three });
    await run.expectNext('modelRequestStarted', 'modelRequestStarted', 'modelRequestStarted');
    await run.keep(3);
    run.call.end();
    await run.expectNext('modelRequestFinished', 'modelRequestFinished', 'modelRequestFinished', 'finished');
  });
});
