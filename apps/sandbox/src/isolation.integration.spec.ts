import { describe, expect, it } from 'vitest';
import {
  ExecuteBatchRequest,
  ExecuteRequest,
  ExecuteStreamRequest,
  ExecutionStatus,
  GradeRequest,
  Integrity,
  Language,
  type Execution,
  type ExecutionResult,
} from '@flowreasoner/contracts/sandbox';
import { bidiStream, unary } from '@flowreasoner/rpc';
import { sandboxes, type RunningSandbox } from './testing/running-sandbox.js';

const start = sandboxes();
type Client = RunningSandbox['client'];

const SHARED_NETWORK = /^own pid,mount,ipc,uts namespaces; an interpreter's user,net namespaces; seccomp/;
const ALL_ITS_OWN = /^own user,pid,mount,ipc,uts,net namespaces; seccomp/;
const { LANGUAGE_PYTHON: PYTHON, LANGUAGE_JAVASCRIPT: JAVASCRIPT } = Language;

function execution(language: Language, changes: Partial<Execution> = {}): Execution {
  const source = Buffer.from(language === PYTHON ? 'print(1)' : 'console.log(1)');
  const { execution: made } = ExecuteRequest.fromPartial({ execution: { language, source } });
  return { ...(made as Execution), ...changes };
}

/** The same execution by every method that runs one. */
async function everyWay(client: Client, one: Execution): Promise<ExecutionResult[]> {
  const { result } = await unary(client, 'execute', { execution: one });
  const batch = bidiStream(client, 'executeBatch');
  await batch.write(ExecuteBatchRequest.fromPartial({ executionId: 'a', execution: one }));
  batch.end();
  const stream = bidiStream(client, 'executeStream');
  await stream.write(ExecuteStreamRequest.fromPartial({ input: { $case: 'start', value: one } }));
  stream.end();
  const results = [result];
  for await (const response of batch) results.push(response.result);
  for await (const { output } of stream) if (output?.$case === 'result') results.push(output.value);
  return results.flatMap((each) => each ?? []);
}

describe('what isolated a program', () => {
  it('is told of each result by every method, as it was', async () => {
    const { client } = await start();
    // The first programs may come before an interpreter waits, and must not be told as if it had run them.
    const python = await everyWay(client, execution(PYTHON));
    const javascript = await everyWay(client, execution(JAVASCRIPT));
    const refused = await everyWay(client, execution(PYTHON, { env: { lower: 'x' } }));
    const told = (results: ExecutionResult[]) =>
      results.map(({ backend, isolation }) => [backend, isolation]);
    const jail = (isolation: unknown) => Array.from({ length: 3 }, () => ['jail', isolation]);
    expect(told(python)).toEqual(jail(expect.stringMatching(SHARED_NETWORK)));
    expect(told(javascript)).toEqual(jail(expect.stringMatching(ALL_ITS_OWN)));
    // Nothing was started, so nothing isolated it.
    expect(told(refused)).toEqual(jail(''));
    expect(refused.map(({ status }) => status)).toEqual(
      Array(3).fill(ExecutionStatus.EXECUTION_STATUS_REJECTED),
    );
  });

  it('is told of gradings too, hidden ones included', async () => {
    const value = { entryPoint: 'f', testCode: '', asserts: ['assert f(1) == 2'] };
    const stdio = { cases: [{ stdin: '', stdout: '2' }] };
    const grade = async (env: Record<string, string>): Promise<string[][]> => {
      const { client } = await start(env);
      const told: string[][] = [];
      for (const suite of [
        { suite: { $case: 'function' as const, value }, hidden: true },
        { suite: { $case: 'function' as const, value }, integrity: Integrity.INTEGRITY_SHARED_PROCESS },
        { suite: { $case: 'stdio' as const, value: stdio } },
      ]) {
        const candidate = Buffer.from('def f(x): return x + 1\nprint(2)');
        const { verdict } = await unary(client, 'grade', GradeRequest.fromPartial({ candidate, suite }));
        expect(verdict).toMatchObject({ backend: 'jail', passed: 1 });
        told.push(verdict?.isolations ?? []);
      }
      return told;
    };
    expect(await grade({})).toEqual(Array(3).fill([expect.stringMatching(SHARED_NETWORK)]));
    expect(await grade({ FLOW_SANDBOX_HOT: 'false' })).toEqual(
      Array(3).fill([expect.stringMatching(ALL_ITS_OWN)]),
    );
  });
});
