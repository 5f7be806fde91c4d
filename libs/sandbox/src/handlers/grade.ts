import {
  Integrity,
  type GradeRequest,
  type GradeResponse,
  type Suite,
} from '@flowreasoner/contracts/sandbox';
import { FlowError, type CallContext, type FieldViolation } from '@flowreasoner/rpc';
import type { TenantBlobs } from '../blobs/blob-store.js';
import { grade, type GradableIntegrity, type GradableSuite } from '../grade/grade.js';
import { RESERVED_PATHS } from '../grade/grading-program.js';
import { effectiveLimits } from '../limits.js';
import type { ProgramFile } from '../ports.js';
import { readFiles, sourceProblem } from '../program-request.js';
import type { SandboxHandlerOptions } from './sandbox-service.js';

/** Wall-clock limits that unset fields take, milliseconds. */
const DEFAULT_WALL_MS = 15_000;
const DEFAULT_CASE_WALL_MS = 3000;

const MAX_CASES = 1000;
const MAX_TEST_CODE_BYTES = 1024 * 1024;
const MAX_CASES_BYTES = 8 * 1024 * 1024;

/** Grade: one candidate, one suite, one verdict. */
export async function gradeOnce(
  request: GradeRequest,
  context: CallContext,
  options: SandboxHandlerOptions,
): Promise<GradeResponse> {
  const { clock, admission, maxLimits } = options;
  const backend = options.backends.choose(request.backend);
  const { suite, integrity } = readSuite(request.suite);
  const problem = sourceProblem(request.candidate);
  if (problem !== undefined) throw invalid([{ field: 'candidate', description: problem }]);
  const files = filesOf(request, options.blobs.of(context.tenant));
  const wallMs = request.limits?.wallMs || DEFAULT_WALL_MS;
  const limits = effectiveLimits({ ...request.limits, wallMs }, maxLimits);
  const slot = await admission.acquire(context.tenant, context.signal);
  try {
    const verdict = await grade({
      ...{ backend, clock, suite, integrity, files, limits, candidate: request.candidate },
      hidden: request.suite?.hidden ?? true,
      caseWallMs: Math.min(request.caseWallMs || DEFAULT_CASE_WALL_MS, limits.wallMs),
      signal: context.signal,
    });
    context.signal.throwIfAborted();
    return { verdict };
  } finally {
    slot.release();
  }
}

/** @throws FlowError where the suite is missing, too large, or asks for an integrity that makes no sense */
function readSuite(suite: Suite | undefined): { suite: GradableSuite; integrity: GradableIntegrity } {
  const tests = suite?.suite;
  if (suite === undefined || tests === undefined) {
    throw invalid([{ field: 'suite', description: 'must be set' }]);
  }
  const violations = violationsOf(tests);
  const shared = suite.integrity === Integrity.INTEGRITY_SHARED_PROCESS;
  if (shared && (tests.$case === 'stdio' || tests.$case === 'values')) {
    const description = `can't be SHARED_PROCESS: no ${tests.$case} suite needs the candidate's interpreter`;
    violations.push({ field: 'suite.integrity', description });
  }
  if (violations.length > 0) throw invalid(violations);
  // An unset integrity is never weakened here: who registers a suite tries it and decides once for all.
  const { INTEGRITY_ISOLATED, INTEGRITY_SHARED_PROCESS } = Integrity;
  return { suite: tests, integrity: shared ? INTEGRITY_SHARED_PROCESS : INTEGRITY_ISOLATED };
}

/** @throws FlowError NOT_FOUND for a blob that the tenant has not put, INVALID_ARGUMENT for other problems */
function filesOf({ files }: GradeRequest, blobs: TenantBlobs): readonly ProgramFile[] {
  const reserved = files.find(({ path }) => RESERVED_PATHS.has(path));
  if (reserved !== undefined) {
    throw invalid([{ field: 'files', description: `can't hold ${reserved.path}: gradings use that name` }]);
  }
  const reading = readFiles(files, blobs);
  if (reading.ok) return reading.files;
  if (reading.missingBlob !== true) throw invalid([{ field: 'files', description: reading.message }]);
  throw new FlowError('NOT_FOUND', 'BLOB_NOT_FOUND', reading.message, {
    hint: 'Send it with PutBlob; blobs are dropped some time after their last use.',
  });
}

function violationsOf(tests: GradableSuite): FieldViolation[] {
  const violations: FieldViolation[] = [];
  const bound = (field: string, value: number, limit: number, unit: string): void => {
    if (value > limit) violations.push({ field, description: `has ${value} ${unit}; the limit is ${limit}` });
  };
  const casesOf = (cases: readonly unknown[], texts: readonly string[]): void => {
    const field = `suite.${tests.$case}.cases`;
    if (cases.length === 0) violations.push({ field, description: 'is empty' });
    bound(field, cases.length, MAX_CASES, 'cases');
    bound(field, bytesOf(texts), MAX_CASES_BYTES, 'bytes');
  };
  switch (tests.$case) {
    case 'function': {
      const { entryPoint, testCode, asserts } = tests.value;
      violations.push(...entryPointViolations('suite.function.entry_point', entryPoint));
      bound('suite.function.asserts', asserts.length, MAX_CASES, 'asserts');
      bound('suite.function.asserts', bytesOf(asserts), MAX_CASES_BYTES, 'bytes');
      bound('suite.function.test_code', Buffer.byteLength(testCode), MAX_TEST_CODE_BYTES, 'bytes');
      if (testCode.trim() === '' && asserts.length === 0) {
        violations.push({ field: 'suite.function', description: 'has neither test_code nor asserts' });
      }
      break;
    }
    case 'unittest': {
      const { entryPoint, testCode } = tests.value;
      violations.push(...entryPointViolations('suite.unittest.entry_point', entryPoint));
      bound('suite.unittest.test_code', Buffer.byteLength(testCode), MAX_TEST_CODE_BYTES, 'bytes');
      break;
    }
    case 'stdio': {
      const { cases, tolerance } = tests.value;
      casesOf(
        cases,
        cases.flatMap(({ stdin, stdout }) => [stdin, stdout]),
      );
      if (!(tolerance >= 0 && Number.isFinite(tolerance))) {
        violations.push({ field: 'suite.stdio.tolerance', description: 'must be a number from 0' });
      }
      break;
    }
    case 'values': {
      const { entryPoint, cases } = tests.value;
      violations.push(...entryPointViolations('suite.values.entry_point', entryPoint));
      casesOf(
        cases,
        cases.flatMap(({ argumentsJson, expectedJson }) => [argumentsJson, expectedJson]),
      );
    }
  }
  return violations;
}

function bytesOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function entryPointViolations(field: string, name: string): FieldViolation[] {
  if (/^[\p{L}_][\p{L}\p{N}_]{0,254}$/u.test(name)) return [];
  return [{ field, description: 'must be the name of a Python function' }];
}

function invalid(fieldViolations: FieldViolation[]): FlowError {
  const first = fieldViolations[0];
  const message = `${first?.field ?? 'the request'} ${first?.description ?? 'is wrong'}`;
  return new FlowError('INVALID_ARGUMENT', 'GRADE_REQUEST_INVALID', message, { fieldViolations });
}
