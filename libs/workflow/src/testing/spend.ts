import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OperatorRequest } from '../interpreter/operator-port.js';
import { runProgram } from '../interpreter/run-program.js';
import type { Program } from '../ir.js';
import { OPERATORS } from '../operators.js';
import { hashedResult } from '../python/stub-operators.js';

/** What a run used. */
export interface Spent {
  readonly status: string;
  readonly operatorCalls: number;
  readonly modelCalls: number;
  readonly tokens: number;
  readonly costUsd: number;
  /** Time of the run where each model request takes one unit and nothing else any. */
  readonly criticalPath: number;
}

/** Tokens of one request and its price, of which runs use some and the checker is told the bounds. */
export const REQUEST = {
  leastPromptTokens: 20,
  greatestPromptTokens: 500,
  greatestCompletionTokens: 200,
  price: { promptUsdPerMillion: 2, completionUsdPerMillion: 8 },
} as const;

/** Runs a program with stub operators that make as many requests as a random number says, in time of its own. */
export async function spend(program: Program, problem: string, random: () => number): Promise<Spent> {
  const spent = { operatorCalls: 0, modelCalls: 0, tokens: 0, costUsd: 0 };
  const waiting: { readonly at: number; readonly end: () => void }[] = [];
  let [now, isDone] = [0, false];
  const upTo = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const callOperator = async (request: OperatorRequest): Promise<ReturnType<typeof hashedResult>> => {
    const { least, greatest, chain } = modelCallsOf(request);
    const requests = upTo(least, greatest);
    spent.operatorCalls += 1;
    spent.modelCalls += requests;
    for (let i = 0; i < requests; i++) {
      const prompt = upTo(REQUEST.leastPromptTokens, REQUEST.greatestPromptTokens);
      const completion = upTo(0, REQUEST.greatestCompletionTokens);
      spent.tokens += prompt + completion;
      spent.costUsd += (prompt * 2 + completion * 8) / 1_000_000;
    }
    const at = now + Math.min(requests, chain);
    if (at > now) await new Promise<void>((end) => waiting.push({ at, end }));
    return hashedResult(request);
  };
  const run = runProgram(program, {
    problem,
    entryPoint: 'solve',
    seed: 1,
    limits: { operatorCalls: 200 },
    concurrency: 1_000,
    usage: () => ({ total_cost: 0, total_input_tokens: 0, total_output_tokens: 0, call_count: 0 }),
    callOperator,
  }).finally(() => (isDone = true));
  // When nothing is left to do at this time, the earliest of those that wait is next.
  for (await settled(); !isDone; await settled()) {
    const next = waiting.reduce((first, one) => (one.at < first.at ? one : first), {
      at: Infinity,
      end() {},
    });
    if (next.at === Infinity) break;
    now = next.at;
    waiting.splice(waiting.indexOf(next), 1);
    next.end();
  }
  const { status } = await run;
  return { ...spent, status, criticalPath: now };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await nextTurn();
}

function modelCallsOf(request: OperatorRequest): { least: number; greatest: number; chain: number } {
  const given = [...request.arguments, ...request.constructorArguments].map(([name, { text }]) => {
    const number = Number(text);
    return [name, text.trim() !== '' && Number.isFinite(number) ? number : undefined] as const;
  });
  const counts = OPERATORS.get(request.operator)?.modelCalls(Object.fromEntries(given));
  if (!counts) throw new Error(`there is no operator ${request.operator}`);
  const most = (count: number): number => Math.min(count, 9);
  return { least: most(counts.least), greatest: most(counts.greatest), chain: most(counts.chain) };
}
