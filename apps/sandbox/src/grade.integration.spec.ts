import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GradeRequest,
  Integrity,
  PutBlobRequest,
  SandboxServiceClient,
  VerdictStatus,
  type Suite,
} from '@flowreasoner/contracts/sandbox';
import { createClient, unary, waitForReady } from '@flowreasoner/rpc';
import { startApp, type AppProcess } from '@flowreasoner/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MIB = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'flow-grade-'));
let app: AppProcess;
let client: SandboxServiceClient;

beforeAll(async () => {
  const address = `unix:${folder}/sandbox.sock`;
  app = startApp('sandbox', { env: { FLOW_LOG_LEVEL: 'warn', FLOW_SANDBOX_ADDRESS: address } });
  client = createClient(SandboxServiceClient, { address, maxMessageBytes: 32 * MIB });
  await waitForReady(client, 30_000);
});
afterAll(() => {
  client.close();
  app.child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const SUITE: Suite = {
  suite: {
    $case: 'unittest',
    value: {
      entryPoint: 'words',
      testCode:
        'import unittest\nclass Tests(unittest.TestCase):\n    def test_words(self): self.assertEqual(words("data.txt"), open("data.txt").read().split())\n',
    },
  },
  integrity: Integrity.INTEGRITY_UNSPECIFIED,
  hidden: false,
};
const CANDIDATE = Buffer.from('def words(name):\n    with open(name) as file: return file.read().split()');

function gradeRequest(sha256: string, changes: Partial<GradeRequest> = {}): GradeRequest {
  const files = [{ path: 'data.txt', content: { $case: 'blobSha256' as const, value: sha256 } }];
  return GradeRequest.fromPartial({ candidate: CANDIDATE, suite: SUITE, files, ...(changes as object) });
}

describe('Grade', () => {
  it('gives candidate and tests the blobs of their tenant, and of no other', async () => {
    const blob = PutBlobRequest.fromPartial({ data: Buffer.from('one two') });
    const { sha256, timeToLive } = await unary(client, 'putBlob', blob, { tenant: 'a' });
    expect(timeToLive?.seconds).toBe(3600n);
    const { verdict } = await unary(client, 'grade', gradeRequest(sha256), { tenant: 'a' });
    expect(verdict).toMatchObject({
      status: VerdictStatus.VERDICT_STATUS_PASSED,
      integrity: Integrity.INTEGRITY_ISOLATED,
    });
    const foreign = unary(client, 'grade', gradeRequest(sha256), { tenant: 'b' });
    await expect(foreign).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'BLOB_NOT_FOUND' });
  });

  it('takes an integrity that is not set as ISOLATED, and SHARED_PROCESS where it is asked for', async () => {
    const inline = [{ path: 'data.txt', content: { $case: 'data' as const, value: Buffer.from('x') } }];
    const suite = { ...SUITE, integrity: Integrity.INTEGRITY_SHARED_PROCESS };
    const { verdict } = await unary(client, 'grade', gradeRequest('', { files: inline, suite }));
    expect(verdict).toMatchObject({ passed: 1, integrity: Integrity.INTEGRITY_SHARED_PROCESS });
  });

  it('refuses what it can not take, by field', async () => {
    const refused = async (changes: Partial<GradeRequest>): Promise<unknown> =>
      unary(client, 'grade', gradeRequest('00', { files: [], ...changes })).catch((error: unknown) => error);
    const file = (path: string) => [{ path, content: { $case: 'data' as const, value: Buffer.alloc(0) } }];
    const values = { $case: 'values' as const, value: { entryPoint: 'f', cases: [] } };
    const { INTEGRITY_SHARED_PROCESS: integrity } = Integrity;
    const cases: [Partial<GradeRequest>, string, string][] = [
      [{ files: file('../up') }, 'files', 'plain relative path'],
      [{ files: file('flow_wire.py') }, 'files', 'gradings use that name'],
      [{ candidate: Buffer.alloc(MIB + 1) }, 'candidate', 'the limit is 1048576'],
      [{ suite: { ...SUITE, suite: values } }, 'suite.values.cases', 'is empty'],
      [{ suite: { ...SUITE, suite: values, integrity } }, 'suite.values.cases', 'is empty'],
    ];
    for (const [changes, field, text] of cases) {
      const error = (await refused(changes)) as { code: string; options: { fieldViolations: unknown } };
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'GRADE_REQUEST_INVALID' });
      expect(error.options.fieldViolations).toContainEqual({
        field,
        description: expect.stringContaining(text),
      });
    }
    const both = (await refused({ suite: { ...SUITE, suite: values, integrity } })) as Error;
    expect(JSON.stringify(both)).toContain('suite.integrity');
  });

  it('names the limit of a blob', async () => {
    const blob = PutBlobRequest.fromPartial({ data: Buffer.alloc(8 * MIB + 1) });
    await expect(unary(client, 'putBlob', blob)).rejects.toMatchObject({
      ...{ code: 'INVALID_ARGUMENT', reason: 'BLOB_TOO_LARGE' },
      message: 'data has 8388609 bytes; the limit is 8388608',
    });
  });
});
