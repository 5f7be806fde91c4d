import type { Operator } from '@flowreasoner/contracts/workflow';
import { createOnce } from '@flowreasoner/model';
import { unary } from '@flowreasoner/rpc';
import type { SolveContext } from '../solve/context.js';
import { callDependency, dependencies } from '../solve/dependency.js';

/** The operators that the runner offers. */
export interface OperatorCatalogue {
  readonly operators: readonly Operator[];
  readonly names: ReadonlySet<string>;
}

const maxPages = 20;
const pageDeadlineMs = 10_000;
// A runner of a later version may offer others.
const keptMs = 60_000;

type AskContext = Pick<SolveContext, 'ports' | 'signal' | 'tenant'>;

/** The runner's operators, asked for once a minute at most, however many runs want to know. */
export class SharedCatalogue {
  #ask = createOnce<OperatorCatalogue>();
  #since = -Infinity;

  /** @throws FlowError UNAVAILABLE while the runner can't be reached, and the run's own reason when it ends */
  load(context: AskContext): Promise<OperatorCatalogue> {
    const now = context.ports.clock.now();
    if (now - this.#since > keptMs) {
      this.#ask = createOnce();
      this.#since = now;
    }
    // Each waits as long as its own patience lasts; what is shared is one try.
    return callDependency(context, dependencies.runner, () =>
      this.#ask(() => listOperators(context), context.signal),
    );
  }
}

async function listOperators({ signal, tenant, ports }: AskContext): Promise<OperatorCatalogue> {
  const operators: Operator[] = [];
  let pageToken = '';
  for (let page = 0; page < maxPages; page++) {
    const response = await unary(
      ports.workflows,
      'listOperators',
      { pageSize: 100, pageToken },
      { signal, tenant, deadlineMs: pageDeadlineMs },
    );
    operators.push(...response.operators);
    pageToken = response.nextPageToken;
    if (pageToken === '') break;
  }
  return { operators, names: new Set(operators.map((operator) => operator.name)) };
}
