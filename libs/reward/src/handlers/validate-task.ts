import { isUtf8 } from 'node:buffer';
import type { AnswerChecks } from '@flowreasoner/contracts/evaluate';
import type { PutTaskRequest } from '@flowreasoner/contracts/reward';
import { Suite } from '@flowreasoner/contracts/sandbox';
import { answerCheckProblems } from '@flowreasoner/evaluate';
import { limits } from './limits.js';
import { Violations } from './violations.js';

/**
 * @param graders names of the graders that are configured
 * @throws FlowError INVALID_ARGUMENT that names every field that is wrong
 */
export function validatePutTask(request: PutTaskRequest, graders: ReadonlySet<string>): void {
  const violations = new Violations();
  const { requestId, referenceSolution } = request;
  const size = Buffer.byteLength(requestId);
  violations.expect(size <= limits.nameBytes, 'request_id', `is longer than ${limits.nameBytes} bytes`);
  violations.expect(
    referenceSolution.length <= limits.answerBytes,
    'reference_solution',
    `is larger than ${limits.answerBytes} bytes`,
  );
  violations.expect(isUtf8(referenceSolution), 'reference_solution', 'is not UTF-8');
  const { answerChecks } = request;
  if (answerChecks === undefined) validateSuite(violations, 'hidden_tests', request.hiddenTests, true);
  else validateAnswerChecks(violations, request, answerChecks, graders);
  validateSuite(violations, 'visible_checks', request.visibleChecks, false);
  violations.throwIfAny();
}

function validateAnswerChecks(
  violations: Violations,
  { hiddenTests, referenceSolution }: PutTaskRequest,
  checks: AnswerChecks,
  graders: ReadonlySet<string>,
): void {
  violations.expect(hiddenTests === undefined, 'answer_checks', 'excludes hidden_tests');
  violations.expect(referenceSolution.length === 0, 'reference_solution', 'is for hidden_tests only');
  for (const { field, description } of answerCheckProblems(checks, graders)) {
    violations.expect(false, field === '' ? 'answer_checks' : `answer_checks.${field}`, description);
  }
}

function validateSuite(
  violations: Violations,
  field: string,
  suite: Suite | undefined,
  required: boolean,
): void {
  if (suite?.suite === undefined) {
    violations.expect(
      !required,
      field,
      'is missing: give a function, unittest, stdio or values suite, or answer_checks',
    );
    return;
  }
  const bytes = Suite.encode(suite).finish().length;
  violations.expect(bytes <= limits.suiteBytes, field, `is larger than ${limits.suiteBytes} bytes`);
  const form = suite.suite;
  switch (form.$case) {
    case 'function': {
      const { entryPoint, testCode, asserts } = form.value;
      validateEntryPoint(violations, `${field}.function.entry_point`, entryPoint);
      validateCount(violations, `${field}.function.asserts`, asserts.length, 0);
      validateTestCode(violations, `${field}.function.test_code`, testCode);
      const someTests = testCode.trim() !== '' || asserts.length > 0;
      violations.expect(someTests, `${field}.function`, 'has neither test_code nor asserts');
      break;
    }
    case 'unittest':
      validateEntryPoint(violations, `${field}.unittest.entry_point`, form.value.entryPoint);
      validateTestCode(violations, `${field}.unittest.test_code`, form.value.testCode);
      violations.expect(form.value.testCode.trim() !== '', `${field}.unittest.test_code`, 'is empty');
      break;
    case 'stdio':
      validateCount(violations, `${field}.stdio.cases`, form.value.cases.length, 1);
      violations.expect(form.value.tolerance >= 0, `${field}.stdio.tolerance`, 'is negative or no number');
      break;
    case 'values':
      validateEntryPoint(violations, `${field}.values.entry_point`, form.value.entryPoint);
      validateCount(violations, `${field}.values.cases`, form.value.cases.length, 1);
      form.value.cases.forEach(({ argumentsJson, expectedJson }, index) => {
        const at = `${field}.values.cases[${index}]`;
        violations.expect(
          Array.isArray(parseJson(argumentsJson)),
          `${at}.arguments_json`,
          'is no JSON array',
        );
        violations.expect(parseJson(expectedJson) !== undefined, `${at}.expected_json`, 'is no JSON');
      });
      break;
  }
}

function validateEntryPoint(violations: Violations, field: string, name: string): void {
  const valid = /^[\p{ID_Start}_][\p{ID_Continue}]{0,254}$/u.test(name);
  violations.expect(valid, field, 'is no Python name of at most 255 characters');
}

function validateTestCode(violations: Violations, field: string, code: string): void {
  const fits = Buffer.byteLength(code) <= limits.testCodeBytes;
  violations.expect(fits, field, `is larger than ${limits.testCodeBytes} bytes`);
}

function validateCount(violations: Violations, field: string, count: number, least: number): void {
  violations.expect(count <= limits.cases, field, `has more than ${limits.cases} entries`);
  violations.expect(count >= least, field, 'is empty');
}

/** The parsed value, or undefined, which JSON can't express. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
