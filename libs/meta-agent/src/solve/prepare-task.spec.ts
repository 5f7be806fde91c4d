import { FeedbackSource, Task, TaskKind } from '@flowreasoner/contracts/metaagent';
import { Suite } from '@flowreasoner/contracts/sandbox';
import { describe, expect, it } from 'vitest';
import { prepareTask } from './prepare-task.js';

const stub = 'def inc(x):\n    """ >>> inc(1)\n    2\n    """\n';

describe('preparing a task', () => {
  it('finds function and checks in a stub', () => {
    expect(prepareTask(Task.fromPartial({ problem: stub }))).toMatchObject({
      isCode: true,
      entryPoint: 'inc',
      source: FeedbackSource.FEEDBACK_SOURCE_QUERY_EXAMPLES,
      suite: { suite: { $case: 'function', value: { asserts: ['assert inc(1) == 2'] } }, hidden: false },
    });
  });

  it("takes the caller's checks before those of the query, and their function", () => {
    const visibleChecks = Suite.fromPartial({
      suite: { $case: 'function', value: { entryPoint: 'f', asserts: ['assert f(1) == 3'] } },
    });
    const prepared = prepareTask({ ...Task.fromPartial({ problem: stub }), visibleChecks });
    expect(prepared.source).toBe(FeedbackSource.FEEDBACK_SOURCE_GIVEN_CHECKS);
    expect(prepared.entryPoint).toBe('f');
    expect(prepared.suite?.suite).toMatchObject({ value: { asserts: ['assert f(1) == 3'] } });
  });

  it('finds the function of checks that name none in the query, else in the checks', () => {
    const visibleChecks = Suite.fromPartial({
      suite: { $case: 'function', value: { asserts: ['assert dec(1) == 0'] } },
    });
    for (const problem of ['Take one away.', 'def dec(x):\n    """Takes one away."""\n']) {
      const prepared = prepareTask({ ...Task.fromPartial({ problem }), visibleChecks });
      expect(prepared.entryPoint).toBe('dec');
      expect(prepared.suite?.suite).toMatchObject({ value: { entryPoint: 'dec' } });
    }
  });

  it('shows models the context before the query, and reads checks from the query alone', () => {
    const context = 'Examples of another function:\n>>> dec(2)\n1';
    const prepared = prepareTask(Task.fromPartial({ problem: stub, context }));
    expect(prepared.problem).toBe(`${context}\n\n---\n\n${stub}`);
    expect(prepared.suite?.suite).toMatchObject({ value: { asserts: ['assert inc(1) == 2'] } });
  });

  it('finds a program in sample input and output', () => {
    const problem = 'Double the number.\n\nSample Input\n3\n\nSample Output\n6\n';
    expect(prepareTask(Task.fromPartial({ problem }))).toMatchObject({
      isCode: true,
      entryPoint: '',
      suite: { suite: { $case: 'stdio', value: { cases: [{ stdin: '3\n', stdout: '6\n' }] } } },
    });
  });

  it.each([TaskKind.TASK_KIND_MATH, TaskKind.TASK_KIND_QUESTION])('leaves prose alone (%i)', (kind) => {
    expect(prepareTask(Task.fromPartial({ problem: stub, kind }))).toMatchObject({
      isCode: false,
      suite: undefined,
      source: FeedbackSource.FEEDBACK_SOURCE_EXECUTION,
    });
  });

  it('takes a query without code for a question, unless it is said to be code', () => {
    const problem = 'Which is the largest planet?';
    expect(prepareTask(Task.fromPartial({ problem })).isCode).toBe(false);
    expect(prepareTask(Task.fromPartial({ problem, kind: TaskKind.TASK_KIND_CODE })).isCode).toBe(true);
  });
});
