import type { ExecutionStatus, Suite, Verdict } from '@flowreasoner/contracts/sandbox';
import type { ChatMessage } from '@flowreasoner/model';
import type { OperatorArguments, OperatorOutput } from '@flowreasoner/workflow';
import type { PromptStyle } from '../ports.js';
import type { PromptSet } from './prompts/prompt-set.js';

/** What the whole run is about. */
export interface RunTask {
  /** The task's problem, whatever problem text a call gives. */
  readonly problem: string;
  /** Function that solutions must define; empty when the task has none. */
  readonly entryPoint: string;
  /** Tests that may be run and shown; undefined when there are none. */
  readonly visibleChecks: Suite | undefined;
}

/** What a model is asked. */
export interface Prompt {
  /** A closing assistant message is an answer that the model goes on with. */
  readonly messages: readonly ChatMessage[];
  /** Sampling temperature, unless the run sets one. */
  readonly temperature: number;
  readonly stop?: readonly string[];
}

/** What a program did in the sandbox. */
export interface ProgramRun {
  readonly status: ExecutionStatus;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What one operator call works with. */
export interface OperatorContext {
  readonly arguments: OperatorArguments;
  readonly constructorArguments: OperatorArguments;
  readonly task: RunTask;
  readonly promptStyle: PromptStyle;
  /**
   * Whether this is the first turn of every loop around the call. The first
   * answer to a question is drawn greedily, which is a single call's best; the
   * further turns are sampled, because the same answer again is worth nothing.
   */
  readonly isFirstTurn: boolean;
  /** Random numbers in [0, 1), the same in every run with the same seed. */
  readonly random: () => number;
  /**
   * Asks the worker model.
   *
   * @param label names the request within the call; the same in every run
   */
  ask(label: string, prompt: Prompt): Promise<string>;
  /** Draws several answers to one prompt. */
  askMany(label: string, prompt: Prompt, count: number): Promise<readonly string[]>;
  /** Grades a program on the visible checks, which must be there. */
  grade(label: string, program: string): Promise<Verdict>;
  /** Runs a Python program without input. */
  execute(label: string, program: string, wallMs: number): Promise<ProgramRun>;
}

/** The fields of an operator's result, in order. */
export type OperatorResult = Readonly<Record<string, OperatorOutput>>;

/** How an operator behaves. */
export interface Operator {
  /** Name, as in the catalogue of operators. */
  readonly name: string;
  /** The prompts that it uses; custom has none of its own. */
  readonly prompts: readonly PromptSet[];
  /** What it does by default. */
  readonly standard: (context: OperatorContext) => Promise<OperatorResult>;
  /** What AFlow's operator of that name does, where it differs. */
  readonly compatible?: (context: OperatorContext) => Promise<OperatorResult>;
}

/** Temperature of answers that must differ from each other; at 0.8 fewer samples of a small model pass (tools/bench/local-model). */
export const SAMPLING_TEMPERATURE = 0.7;

/** Temperature of an answer: greedy in the first turn, sampled afterwards. */
export function generationTemperature(context: OperatorContext): number {
  return context.isFirstTurn ? 0 : SAMPLING_TEMPERATURE;
}

/** A prompt of one question. */
export function question(content: string, temperature: number): Prompt {
  return { messages: [{ role: 'user', content }], temperature };
}
