import type { Verdict } from '@flowreasoner/contracts/sandbox';
import type { Grader, GradingRequest } from '../ports.js';

/** A grader that answers from a function and remembers what it was asked. */
export class FakeGrader implements Grader {
  readonly requests: GradingRequest[] = [];
  readonly #answer: (candidate: string, request: GradingRequest) => Verdict | Promise<Verdict>;

  constructor(answer: (candidate: string, request: GradingRequest) => Verdict | Promise<Verdict>) {
    this.#answer = answer;
  }

  async grade(request: GradingRequest): Promise<Verdict> {
    this.requests.push(request);
    return this.#answer(Buffer.from(request.candidate).toString(), request);
  }
}
