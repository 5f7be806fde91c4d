import { TextMeasure, type AnswerChecks } from '@flowreasoner/contracts/evaluate';

/** Limits of answer checks; see AnswerChecks in the contract. */
export const answerCheckLimits = {
  accepted: 16,
  mathBytes: 1_000,
  textBytes: 4_000,
  dataBytes: 64 * 1024,
} as const;

/** Something that is wrong with answer checks. */
export interface AnswerCheckProblem {
  /** Path of the field below the checks, such as `math.accepted[0]`; empty for the checks themselves. */
  readonly field: string;
  readonly description: string;
}

/**
 * What is wrong with answer checks.
 *
 * @param graders names of the graders that the server knows
 */
export function answerCheckProblems(
  checks: AnswerChecks,
  graders: ReadonlySet<string>,
): AnswerCheckProblem[] {
  const { rule } = checks;
  switch (rule?.$case) {
    case undefined:
      return [{ field: '', description: 'must hold a rule: math, text or remote' }];
    case 'math':
      return acceptedProblems('math', rule.value.accepted, answerCheckLimits.mathBytes);
    case 'text': {
      const { accepted, measure, passScore } = rule.value;
      const problems = acceptedProblems('text', accepted, answerCheckLimits.textBytes);
      if (TextMeasure[measure] === undefined) {
        problems.push({ field: 'text.measure', description: 'must be a known measure' });
      }
      if (!(passScore >= 0 && passScore <= 1)) {
        problems.push({ field: 'text.pass_score', description: 'must be between 0 and 1' });
      }
      return problems;
    }
    case 'remote':
      return remoteProblems(rule.value.grader, rule.value.data, graders);
  }
}

function acceptedProblems(rule: string, accepted: readonly string[], maxBytes: number): AnswerCheckProblem[] {
  const { accepted: most } = answerCheckLimits;
  const field = `${rule}.accepted`;
  if (accepted.length < 1 || accepted.length > most) {
    return [{ field, description: `must have 1 to ${most} answers, and has ${accepted.length}` }];
  }
  return accepted.flatMap((each, index) => {
    const bytes = Buffer.byteLength(each);
    const at = `${field}[${index}]`;
    if (each.trim() === '') return [{ field: at, description: 'must not be empty' }];
    if (bytes <= maxBytes) return [];
    return [{ field: at, description: `must be at most ${maxBytes} bytes, and is ${bytes}` }];
  });
}

function remoteProblems(
  grader: string,
  data: Uint8Array,
  graders: ReadonlySet<string>,
): AnswerCheckProblem[] {
  const problems: AnswerCheckProblem[] = [];
  if (!graders.has(grader)) {
    const known = graders.size === 0 ? 'this server knows none' : `known are ${[...graders].join(', ')}`;
    problems.push({ field: 'remote.grader', description: `must name a configured grader; ${known}` });
  }
  const most = answerCheckLimits.dataBytes;
  if (data.length > most) {
    problems.push({
      field: 'remote.data',
      description: `must be at most ${most} bytes, and is ${data.length}`,
    });
  }
  return problems;
}
