import type { Budget, Usage } from '@flowreasoner/contracts/workflow';
import { addUsage, noUsage, remainingBudget } from './usage.js';

/** Counts the use of one piece of work while it goes on. */
export interface Tab {
  /** Adds what a single request is known to have used. */
  add(usage: Usage | undefined): void;
  /** Puts the work's own total in place of what was added. */
  settle(total: Usage): void;
}

/** What a run, and its current round, have used of the run's budget. */
export class Ledger {
  #before: Usage;
  #round: Usage;

  /**
   * @param budget of the whole run
   * @param used by earlier owners of the run: in finished rounds, and in the one at work
   */
  constructor(
    private readonly budget: Budget,
    used: { readonly before: Usage; readonly round: Usage } = { before: noUsage, round: noUsage },
  ) {
    this.#before = used.before;
    this.#round = used.round;
  }

  /** Used by the run so far. */
  get total(): Usage {
    return addUsage(this.#before, this.#round);
  }

  /** Used by the current round so far. */
  get round(): Usage {
    return this.#round;
  }

  /** What the rest of the run may use. */
  get remaining(): Budget {
    return remainingBudget(this.budget, this.total);
  }

  /** Name and amount of a limit that is used up, such as "10 model calls"; undefined while all have room. */
  get exhausted(): string | undefined {
    const { costUsd, tokens, modelCalls, sandboxMs } = this.remaining;
    if (costUsd !== undefined && costUsd <= 0) return `$${this.budget.costUsd}`;
    if (tokens === 0) return `${this.budget.tokens} tokens`;
    if (modelCalls === 0) return `${this.budget.modelCalls} model calls`;
    if (sandboxMs === 0) return `${this.budget.sandboxMs} ms in the sandbox`;
    return undefined;
  }

  /** Begins the next round. */
  startRound(): void {
    this.#before = this.total;
    this.#round = noUsage;
  }

  /** Adds what a finished request has used. */
  add(usage: Usage | undefined): void {
    this.#round = addUsage(this.#round, usage);
  }

  /** Opens a tab for work that reports first its requests and then its total. */
  open(): Tab {
    const start = this.#round;
    let own: Usage = noUsage;
    return {
      add: (usage) => {
        own = addUsage(own, usage);
        this.#round = addUsage(start, own);
      },
      settle: (total) => {
        this.#round = addUsage(start, total);
      },
    };
  }
}
