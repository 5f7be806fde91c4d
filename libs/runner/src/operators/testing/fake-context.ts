import {
  CaseStatus,
  ExecutionStatus,
  Integrity,
  VerdictStatus,
  type Suite,
  type Verdict,
} from '@flowreasoner/contracts/sandbox';
import { createSeededRandom } from '@flowreasoner/testing';
import type { OperatorArgument } from '@flowreasoner/workflow';
import type { OperatorContext, ProgramRun, Prompt } from '../operator.js';

/** An argument as plain data: tuples and lists are arrays. */
export type PlainArgument = null | boolean | number | string | readonly PlainArgument[];

/** What a test says about one operator call. */
export interface FakeCall {
  readonly arguments?: Readonly<Record<string, PlainArgument>>;
  readonly constructorArguments?: Readonly<Record<string, PlainArgument>>;
  readonly task?: Partial<OperatorContext['task']>;
  readonly promptStyle?: OperatorContext['promptStyle'];
  readonly isFirstTurn?: boolean;
  readonly seed?: number;
  /** Answers of the model in order; a function sees the prompt. */
  readonly answers?: readonly (string | ((prompt: Prompt) => string))[];
  /** What a program gives on each visible check: "ok", or what is wrong. */
  readonly grade?: (program: string) => readonly string[];
  /** What running a program prints; an Error is its failure. */
  readonly execute?: (program: string) => string | Error;
}

/** A context whose model and sandbox are played by a test, with all that was asked of them. */
export interface FakeContext extends OperatorContext {
  readonly asked: { readonly label: string; readonly prompt: Prompt }[];
  readonly graded: string[];
  readonly executed: string[];
}

/** Two asserts on `f`. */
export const TWO_CHECKS: Suite = {
  suite: {
    $case: 'function',
    value: { entryPoint: 'f', testCode: '', asserts: ['assert f(1) == 1', 'assert f(2) == 4'] },
  },
  integrity: Integrity.INTEGRITY_ISOLATED,
  hidden: false,
};

/** Makes a context for one operator call. */
export function fakeContext(call: FakeCall): FakeContext {
  const answers = [...(call.answers ?? [])];
  const context: FakeContext = {
    arguments: toArguments(call.arguments),
    constructorArguments: toArguments(call.constructorArguments),
    task: { problem: 'The problem.', entryPoint: '', visibleChecks: undefined, ...call.task },
    promptStyle: call.promptStyle ?? 'chat',
    isFirstTurn: call.isFirstTurn ?? true,
    random: createSeededRandom(call.seed ?? 1),
    asked: [],
    graded: [],
    executed: [],
    ask(label, prompt) {
      context.asked.push({ label, prompt });
      const answer = answers.shift();
      if (answer === undefined) throw new Error(`nobody expected to be asked for ${label}`);
      return Promise.resolve(typeof answer === 'string' ? answer : answer(prompt));
    },
    askMany: (label, prompt, count) =>
      Promise.all(Array.from({ length: count }, () => context.ask(label, prompt))),
    grade(_, program) {
      context.graded.push(program);
      if (call.grade === undefined) throw new Error('nobody expected a grading');
      return Promise.resolve(verdictOf(call.grade(program)));
    },
    execute(_, program) {
      context.executed.push(program);
      if (call.execute === undefined) throw new Error('nobody expected a program to run');
      return Promise.resolve(runOf(call.execute(program)));
    },
  };
  return context;
}

/** The content of the last message of a prompt. */
export function lastMessage(prompt: Prompt | undefined): string {
  return String(prompt?.messages.at(-1)?.content ?? '');
}

function toArguments(plain: FakeCall['arguments']): ReadonlyMap<string, OperatorArgument> {
  return new Map(Object.entries(plain ?? {}).map(([name, value]) => [name, toArgument(value)] as const));
}

function toArgument(value: PlainArgument): OperatorArgument {
  if (value === null) return { text: 'None', type: 'NoneType', value, items: undefined };
  switch (typeof value) {
    case 'string':
      return { text: value, type: 'str', value, items: undefined };
    case 'boolean':
      return { text: value ? 'True' : 'False', type: 'bool', value, items: undefined };
    case 'number':
      return Number.isInteger(value)
        ? { text: String(value), type: 'int', value: BigInt(value), items: undefined }
        : { text: String(value), type: 'float', value, items: undefined };
    default: {
      const items = value.map(toArgument);
      return { text: `[${items.map(({ text }) => text).join(', ')}]`, type: 'list', value: undefined, items };
    }
  }
}

function verdictOf(outcomes: readonly string[]): Verdict {
  const passed = outcomes.filter((outcome) => outcome === 'ok').length;
  const isPassed = passed === outcomes.length;
  return {
    status: isPassed ? VerdictStatus.VERDICT_STATUS_PASSED : VerdictStatus.VERDICT_STATUS_FAILED,
    integrity: Integrity.INTEGRITY_ISOLATED,
    passed,
    total: outcomes.length,
    passRate: passed / outcomes.length,
    cases: outcomes.map((outcome, index) => ({
      index,
      status: outcome === 'ok' ? CaseStatus.CASE_STATUS_PASSED : CaseStatus.CASE_STATUS_FAILED,
      source: `assert case ${index}`,
      expected: 'ok',
      actual: outcome,
      errorType: '',
      message: '',
      wallMs: 1,
    })),
    message: '',
    wallMs: 1,
    cpuMs: 1,
    backend: 'fake',
    isolations: [],
  };
}

function runOf(outcome: string | Error): ProgramRun {
  const failed = outcome instanceof Error;
  return {
    status: ExecutionStatus.EXECUTION_STATUS_EXITED,
    exitCode: failed ? 1 : 0,
    stdout: failed ? '' : outcome,
    stderr: failed ? outcome.message : '',
  };
}
