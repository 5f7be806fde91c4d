import type { ModelRef } from '@flowreasoner/contracts/workflow';
import type { BudgetGate } from '@flowreasoner/model';
import type { ParentCall } from '@flowreasoner/rpc';
import type { RunTask } from '../operators/operator.js';
import type { PromptStyle, RunnerPorts } from '../ports.js';
import type { EventQueue } from './event-queue.js';
import type { Memo } from './memo.js';
import type { RequestStarts } from './request-starts.js';

/** Usage that the program sees: that of this try and of the memo it resumes from. */
export interface ProgramUsage {
  modelCalls: number;
  promptTokens: number;
  completionTokens: number;
  costUsd: number;
}

/** What all operator calls of one run share. */
export interface RunSession {
  readonly ports: RunnerPorts;
  readonly task: RunTask;
  readonly worker: ModelRef;
  readonly promptStyle: PromptStyle;
  /** Sampling temperature that the caller wishes; undefined leaves it to the operators. */
  readonly temperature: number | undefined;
  readonly maxCompletionTokens: number;
  readonly streamTokens: boolean;
  readonly gate: BudgetGate;
  readonly memo: Memo;
  readonly events: EventQueue;
  readonly starts: RequestStarts;
  /** The call that asked for the run: its tenant and trace go on to the sandbox. */
  readonly caller: ParentCall;
  /** When the run must have ended, in milliseconds since 1970. */
  readonly deadline: number;
  readonly programUsage: ProgramUsage;
}
