import { GradeAnswerResponse, type AnswerChecks } from '@flowreasoner/contracts/evaluate';
import type { SolveContext } from './context.js';
import { callDependency, dependencies } from './dependency.js';
import { evaluationRequest } from './evaluation-request.js';
import { askForFeedback } from './model-feedback.js';
import { seedFrom } from './seeded-random.js';

const maxTokens = 512;
const maxReason = 1_000;

const judge = `You judge answers strictly. You are shown a question and an answer to it. Solve the question yourself first, then compare. Say in at most three sentences what is wrong with the answer, if anything. End with a line of its own, either
VERDICT: CORRECT
or
VERDICT: INCORRECT`;

/** What a model thinks of an answer. */
export interface Judgement {
  readonly isCorrect: boolean;
  /** Why, in its own words. */
  readonly reason: string;
}

/**
 * Judges an answer in text by the checks of its task.
 *
 * @throws FlowError UNAVAILABLE when a grader outside fails
 */
export async function judgeByChecks(
  context: SolveContext,
  checks: AnswerChecks,
  answer: string,
): Promise<GradeAnswerResponse> {
  const { ports, task, tenant, signal } = context;
  return evaluationRequest(context, {
    kind: 'judge',
    content: [answer],
    codec: GradeAnswerResponse,
    reservedMs: 0,
    perform: async () => {
      const request = { problem: task.problem, answer, tenant, signal };
      const verdict = await callDependency(context, dependencies.grader, () =>
        ports.answers.judge(checks, request),
      );
      return { answer: verdict, wallMs: 0, kept: true };
    },
  });
}

/** Has the meta model judge an answer; undefined where it can't be asked, or says nothing clear. */
export async function judgeByModel(context: SolveContext, answer: string): Promise<Judgement | undefined> {
  const { task, options, round } = context;
  const texts = await askForFeedback(context, [
    {
      messages: [
        { role: 'system', content: judge },
        { role: 'user', content: `# Question\n${task.problem}\n\n# Answer\n${answer}` },
      ],
      seed: seedFrom(options.seed, round, 'judgement'),
      temperature: 0,
      maxTokens,
    },
  ]);
  return readJudgement(texts?.[0] ?? '');
}

/** The judgement in a model's text: its last verdict counts. */
export function readJudgement(text: string): Judgement | undefined {
  const verdicts = [...text.matchAll(/^\W*verdict\W+(in)?correct\b/gim)];
  const last = verdicts.at(-1);
  if (last === undefined) return undefined;
  const reason = text.slice(0, last.index).trim();
  return { isCorrect: last[1] === undefined, reason: reason.slice(0, maxReason) };
}
