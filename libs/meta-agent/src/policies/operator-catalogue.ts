import type { Operator } from '@flowreasoner/contracts/workflow';
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

/** Asks the runner for all its operators. */
export async function loadCatalogue(
  context: Pick<SolveContext, 'ports' | 'signal' | 'tenant'>,
): Promise<OperatorCatalogue> {
  const { signal, tenant, ports } = context;
  const operators: Operator[] = [];
  let pageToken = '';
  for (let page = 0; page < maxPages; page++) {
    const token = pageToken;
    const response = await callDependency(context, dependencies.runner, () =>
      unary(
        ports.workflows,
        'listOperators',
        { pageSize: 100, pageToken: token },
        { signal, tenant, deadlineMs: pageDeadlineMs },
      ),
    );
    operators.push(...response.operators);
    pageToken = response.nextPageToken;
    if (pageToken === '') break;
  }
  return { operators, names: new Set(operators.map((operator) => operator.name)) };
}
