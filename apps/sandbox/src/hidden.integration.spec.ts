import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  GradeRequest,
  GradeResponse,
  Integrity,
  VerdictStatus,
  type Suite,
} from '@flowreasoner/contracts/sandbox';
import { FlowError, unary } from '@flowreasoner/rpc';
import { sandboxes, until, type RunningSandbox } from './testing/running-sandbox.js';

/** Stands wherever a hidden suite has something to hide. */
const SECRET = 'hush7391';
const PLAIN = `assert f("${SECRET}-in") == "${SECRET}-out"`;
const UNITTEST = `import unittest\nclass T${SECRET}(unittest.TestCase):\n    def test_${SECRET}(self): `;
const start = sandboxes();

/** Keeps whatever telemetry is sent to it. */
let collector: Server;
let exported = '';
beforeAll(async () => {
  collector = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => (exported += chunk.toString('latin1')));
    request.on('end', () => response.writeHead(200).end());
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
});
afterAll(() => collector.close());

function asserts(testCode: string, ...list: string[]): Suite['suite'] {
  return { $case: 'function', value: { entryPoint: 'f', testCode, asserts: list } };
}
function unittest(body: string): Suite['suite'] {
  return { $case: 'unittest', value: { entryPoint: 'f', testCode: UNITTEST + body } };
}
function values(argumentsJson: string, expectedJson: string): Suite['suite'] {
  return { $case: 'values', value: { entryPoint: 'f', cases: [{ argumentsJson, expectedJson }] } };
}

/** Suites that work, that do not, and that fail in every way: each with the secret in it. */
const SUITES: Readonly<Record<string, Suite['suite']>> = {
  asserts: asserts('', PLAIN),
  check: asserts(`def check(candidate):\n    assert candidate("${SECRET}") == 1, "${SECRET}"`),
  'an exception of the tests': asserts(`raise ValueError("${SECRET}")`, PLAIN),
  'tests that are not Python': asserts(`${SECRET} = = 1`, PLAIN),
  'an assert that is not one': asserts('', `${SECRET}()`),
  'tests that print': asserts(`import sys\nprint("${SECRET}")\nprint("${SECRET}", file=sys.stderr)`, PLAIN),
  'tests that die': asserts(`import os, sys\nsys.stderr.write("${SECRET}")\nos.abort()`, PLAIN),
  'tests that write to the channel': asserts(`import os\nos.write(4, b"${SECRET}" * 9)`, PLAIN),
  'tests that never end': asserts(`import time\n${SECRET} = 1\nwhile True: time.sleep(1)`, PLAIN),
  unittest: unittest(`self.assertEqual(f("${SECRET}"), "${SECRET}")`),
  'a unittest that can not be loaded': unittest(`self.assertEqual(f(${SECRET}) + )`),
  values: values(JSON.stringify([SECRET]), JSON.stringify(SECRET)),
  'values that are not JSON': values(`["${SECRET}"`, SECRET),
  stdio: {
    $case: 'stdio',
    value: { cases: [{ stdin: SECRET, stdout: `${SECRET}!` }], tolerance: 0, whitespace: 0 },
  },
  'a name that is none': {
    $case: 'function',
    value: { entryPoint: `${SECRET} 1`, testCode: PLAIN, asserts: [] },
  },
  'too many asserts': asserts('', ...Array.from({ length: 1001 }, () => PLAIN)),
};

/** Candidates that tell whatever they are told, by every way there is. */
const CANDIDATES: Readonly<Record<string, string>> = {
  'tells all': [
    'import sys',
    'def f(x):',
    '    print(x); print(x, file=sys.stderr)',
    '    raise ValueError(x)',
    'if __name__ == "__main__": print(sys.stdin.read()); sys.exit(sys.stdin)',
  ].join('\n'),
  'returns all': 'def f(x): return [x, x]',
  'can not be loaded': 'def f(x:',
  'dies with it': 'import os, sys\ndef f(x): sys.stderr.write(x); os._exit(len(x))',
};

/** What a caller can see of a grading: the response's bytes, or all of the error. */
async function seenBy(
  client: RunningSandbox['client'],
  request: GradeRequest,
): Promise<{ seen: string; status: string }> {
  try {
    const response = await unary(client, 'grade', request, { deadlineMs: 20_000 });
    const seen = Buffer.from(GradeResponse.encode(response).finish()).toString('latin1');
    const status = VerdictStatus[response.verdict?.status ?? 0] ?? '';
    expect(
      response.verdict?.cases.filter((one) => one.source + one.message + one.actual + one.errorType),
    ).toEqual([]);
    return { seen, status };
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    const cause = JSON.stringify(error.cause, Object.getOwnPropertyNames(error.cause ?? {}));
    return { seen: JSON.stringify([error.message, error.reason, error.options, cause]), status: error.code };
  }
}

describe('a hidden suite', () => {
  it('is told of by counts and enums alone, whatever goes wrong, in answers, errors, logs and traces', async () => {
    const { port } = collector.address() as AddressInfo;
    const { app, client } = await start({
      FLOW_LOG_LEVEL: 'trace',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_BSP_SCHEDULE_DELAY: '100',
    });
    const met = new Set<string>();
    for (const [name, suite] of Object.entries(SUITES)) {
      for (const [candidate, source] of Object.entries(CANDIDATES)) {
        for (const integrity of [Integrity.INTEGRITY_ISOLATED, Integrity.INTEGRITY_SHARED_PROCESS]) {
          const request = GradeRequest.fromPartial({
            ...{ candidate: Buffer.from(source), suite: { suite, integrity, hidden: true } as never },
            ...{ limits: { wallMs: 1500 }, caseWallMs: 500 },
          });
          const { seen, status } = await seenBy(client, request);
          met.add(status);
          expect({ name, candidate, leaks: seen.includes(SECRET) }).toEqual({
            name,
            candidate,
            leaks: false,
          });
        }
      }
    }
    // Without every kind of answer, the above would show little.
    expect([...met].sort()).toEqual(['INVALID_ARGUMENT', 'VERDICT_STATUS_ERROR', 'VERDICT_STATUS_FAILED']);
    const grades = (): number => exported.split('SandboxService/Grade').length - 1;
    await until(() => grades() > 0, 10_000);
    expect(await app.stop()).toBe(0);
    expect(grades()).toBeGreaterThan(0);
    expect(app.logs()).toContain('"level"');
    expect([exported.includes(SECRET), app.logs().includes(SECRET), app.printed()]).toEqual([
      false,
      false,
      '',
    ]);
  }, 300_000);

  it('would be seen to leak, were it not hidden', async () => {
    const { client } = await start();
    const candidate = Buffer.from(CANDIDATES['tells all'] ?? '');
    const request = GradeRequest.fromPartial({ candidate, suite: { suite: SUITES['asserts'] } as never });
    const response = await unary(client, 'grade', request);
    expect(JSON.stringify(GradeResponse.toJSON(response)).split(SECRET).length).toBeGreaterThan(2);
  });
});
