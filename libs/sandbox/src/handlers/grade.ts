import {
  Integrity,
  type GradeRequest,
  type GradeResponse,
  type Suite,
} from '@flowreasoner/contracts/sandbox';
import { FlowError, type CallContext, type FieldViolation } from '@flowreasoner/rpc';
import { grade, type GradableSuite } from '../grade/grade.js';
import { effectiveLimits } from '../limits.js';
import { sourceProblem } from '../program-request.js';
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
  const suite = readSuite(request.suite);
  const problem = sourceProblem(request.candidate);
  if (problem !== undefined) throw invalid([{ field: 'candidate', description: problem }]);
  const wallMs = request.limits?.wallMs || DEFAULT_WALL_MS;
  const limits = effectiveLimits({ ...request.limits, wallMs }, maxLimits);
  const slot = await admission.acquire(context.tenant, context.signal);
  try {
    const verdict = await grade({
      ...{ backend, clock, suite, limits, candidate: request.candidate },
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

/** @throws FlowError where the suite is missing, too large, or of a kind that two jails can't grade */
function readSuite(suite: Suite | undefined): GradableSuite {
  const tests = suite?.suite;
  if (tests === undefined) throw invalid([{ field: 'suite', description: 'must be set' }]);
  if (tests.$case === 'unittest') {
    throw unsupported('UNITTEST_UNSUPPORTED', 'unittest suites are not graded by this server');
  }
  if (suite?.integrity === Integrity.INTEGRITY_SHARED_PROCESS) {
    const message = 'this server grades in two jails only; leave integrity unset or ask for ISOLATED';
    throw unsupported('SHARED_PROCESS_UNSUPPORTED', message);
  }
  const violations = violationsOf(tests);
  if (violations.length > 0) throw invalid(violations);
  return tests;
}

function violationsOf(tests: GradableSuite): FieldViolation[] {
  const violations: FieldViolation[] = [];
  const bound = (field: string, value: number, limit: number, unit: string): void => {
    if (value > limit) violations.push({ field, description: `has ${value} ${unit}; the limit is ${limit}` });
  };
  const bytes = (texts: readonly string[]): number =>
    texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (tests.$case === 'function') {
    const { entryPoint, testCode, asserts } = tests.value;
    violations.push(...entryPointViolations('suite.function.entry_point', entryPoint));
    bound('suite.function.asserts', asserts.length, MAX_CASES, 'asserts');
    bound('suite.function.asserts', bytes(asserts), MAX_CASES_BYTES, 'bytes');
    bound('suite.function.test_code', Buffer.byteLength(testCode), MAX_TEST_CODE_BYTES, 'bytes');
    if (testCode.trim() === '' && asserts.length === 0) {
      violations.push({ field: 'suite.function', description: 'has neither test_code nor asserts' });
    }
    return violations;
  }
  const { cases } = tests.value;
  const field = `suite.${tests.$case}.cases`;
  const texts =
    tests.$case === 'stdio'
      ? tests.value.cases.flatMap(({ stdin, stdout }) => [stdin, stdout])
      : tests.value.cases.flatMap(({ argumentsJson, expectedJson }) => [argumentsJson, expectedJson]);
  if (tests.$case === 'values') {
    violations.push(...entryPointViolations('suite.values.entry_point', tests.value.entryPoint));
  }
  if (cases.length === 0) violations.push({ field, description: 'is empty' });
  bound(field, cases.length, MAX_CASES, 'cases');
  bound(field, bytes(texts), MAX_CASES_BYTES, 'bytes');
  return violations;
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

function unsupported(reason: string, message: string): FlowError {
  return new FlowError('UNIMPLEMENTED', reason, message, {
    hint: 'Use a function, values or stdio suite.',
  });
}
