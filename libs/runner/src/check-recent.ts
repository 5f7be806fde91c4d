import { checkWorkflow, type CheckedWorkflow, type CheckOptions } from '@flowreasoner/workflow';
import { Recent } from './recent.js';

/**
 * A workflow is checked when it is proposed, and when it is run a moment later.
 * What is kept of a text takes up to some hundred times its length, and more than a few
 * dozen would make the collector copy for longer than a check takes; texts of 2 KiB and
 * more are not kept.
 */
const recent = new Recent<CheckedWorkflow>(32 * 1024);

/** As `checkWorkflow`, which is spared where the same was checked a moment ago. */
export function checkRecent(source: string, options: CheckOptions): CheckedWorkflow {
  // An empty list of operators means the same as none.
  const { operators, ...others } = options;
  const asked = { ...others, operators: operators?.length ? operators : undefined };
  return recent.get(JSON.stringify([asked, source]), () => checkWorkflow(source, options));
}
