import { CaseStatus, Integrity, type Suite } from '@flowreasoner/contracts/sandbox';
import { assertsOfQuery } from '../query-examples/asserts.js';
import type { MetaAsk } from './ask-meta.js';
import type { SolveContext } from './context.js';
import { extractCode } from './extract-code.js';
import { gradeAnswer } from './grade-answer.js';
import { askForFeedback } from './model-feedback.js';
import { seedFrom } from './seeded-random.js';

const maxTests = 10;
const solutions = 3;
/** Of the independent solutions, how many must pass a test. */
const needed = 2;
const temperature = 0.8;
const maxTokens = 1_024;

const writeTests = `You write tests. You are shown a programming task. Write up to 6 tests for the function it asks for, each on a line of its own in this form and nothing else:
assert NAME(ARGUMENTS) == RESULT
Work out each result by hand. Use plain values only. Cover ordinary cases and edge cases that the task speaks of.`;

const writeSolution =
  'You are shown a programming task. Answer with the whole program in one ```python block and nothing else.';

/** Tests that a model writes for a query without checks and examples; sought once a run. */
export class ModelTests {
  #sought: { readonly suite: Suite | undefined } | undefined;

  /** @param sought what an earlier owner of the run came to; undefined when it has not sought any */
  constructor(sought?: { readonly suite: Suite | undefined }) {
    this.#sought = sought;
  }

  /**
   * The tests, which a model writes the first time this is called: those are
   * kept that at least two of three solutions pass which the model writes
   * without seeing the tests or one another.
   *
   * @returns undefined where no function is asked for, none was kept, or none could be afforded
   */
  async of(context: SolveContext): Promise<Suite | undefined> {
    this.#sought ??= { suite: await seek(context) };
    return this.#sought.suite;
  }
}

async function seek(context: SolveContext): Promise<Suite | undefined> {
  const { entryPoint } = context.task;
  if (entryPoint === '') return undefined;
  const texts = await askForFeedback(context, asksFor(context));
  const written = texts === undefined ? [] : testsIn(texts[0] ?? '', entryPoint);
  const kept = await agreed(context, written, (texts ?? []).slice(1).map(extractCode));
  const suite = kept.length === 0 ? undefined : suiteOf(entryPoint, kept);
  context.emit(context.round, {
    $case: 'modelTestsSought',
    value: { tests: suite, written: written.length, kept: kept.length },
  });
  return suite;
}

function asksFor({ task, options }: SolveContext): MetaAsk[] {
  const ask = (system: string, index: number): MetaAsk => ({
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: task.problem },
    ],
    seed: seedFrom(options.seed, index, 'model tests'),
    temperature: index === 0 ? 0 : temperature,
    maxTokens,
  });
  return [
    ask(writeTests, 0),
    ...Array.from({ length: solutions }, (_, index) => ask(writeSolution, index + 1)),
  ];
}

function testsIn(text: string, entryPoint: string): string[] {
  return [...new Set(assertsOfQuery(text, entryPoint))].slice(0, maxTests);
}

/** The tests that enough of the programs pass. */
async function agreed(
  context: SolveContext,
  tests: readonly string[],
  programs: readonly string[],
): Promise<string[]> {
  if (tests.length === 0) return [];
  const passes = tests.map(() => 0);
  for (const program of programs) {
    if (program.trim() === '' || context.ledger.remaining.sandboxMs === 0) continue;
    const { cases } = await gradeAnswer(context, program, suiteOf(context.task.entryPoint, tests));
    for (const { index, status } of cases) {
      if (status === CaseStatus.CASE_STATUS_PASSED) passes[index] = (passes[index] ?? 0) + 1;
    }
  }
  return tests.filter((_, index) => (passes[index] ?? 0) >= needed);
}

function suiteOf(entryPoint: string, asserts: readonly string[]): Suite {
  return {
    suite: { $case: 'function', value: { entryPoint, testCode: '', asserts: [...asserts] } },
    integrity: Integrity.INTEGRITY_UNSPECIFIED,
    hidden: false,
  };
}
