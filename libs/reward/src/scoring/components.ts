import type { Sample } from '@flowreasoner/contracts/reward';
import type { Suite } from '@flowreasoner/contracts/sandbox';
import type { Budget, Usage } from '@flowreasoner/contracts/workflow';
import type { AnalyzedWorkflow, WorkflowSize } from '../ports.js';
import type { HiddenTests } from '../tasks/task.js';

/** The size at which a measure counts half. */
const halfSizes = { nodes: 100, operatorCalls: 5, depth: 4 } as const;

/**
 * Size of a workflow in [0, 1): the mean of m / (m + h) over IR nodes (h = 100),
 * operator calls (h = 5) and depth (h = 4).
 */
export function complexity(measures: WorkflowSize): number {
  const terms = Object.entries(halfSizes).map(([name, half]) => {
    const size = measures[name as keyof typeof halfSizes];
    return size / (size + half);
  });
  return terms.reduce((sum, term) => sum + term, 0) / terms.length;
}

/**
 * 1 − the greatest share used of any part of the budget, in [0, 1]; 1 without a
 * budget. What is unknown counts as used up, so that nothing is gained by not
 * reporting it.
 */
export function efficiency(usage: Usage | undefined, budget: Budget | undefined): number {
  if (budget === undefined) return 1;
  const tokens = usage && usage.promptTokens + usage.completionTokens;
  const shares = [
    share(usage?.costUsd, budget.costUsd),
    share(tokens, budget.tokens),
    share(usage?.modelCalls, budget.modelCalls),
    share(usage?.sandboxMs, budget.sandboxMs),
  ];
  return 1 - Math.max(0, ...shares);
}

function share(used: number | undefined, limit: number | undefined): number {
  if (limit === undefined) return 0;
  if (used === undefined) return 1;
  if (limit <= 0) return used > 0 ? 1 : 0;
  return Math.min(1, Math.max(0, used / limit));
}

/** 1 when a sample's workflow is valid and ran; a workflow's source is checked here too. */
export function executed(sample: Sample, workflow: AnalyzedWorkflow | undefined): 0 | 1 {
  const wellFormed = sample.workflow === '' || workflow !== undefined;
  return sample.valid && sample.executed && wellFormed ? 1 : 0;
}

/**
 * 1 when an answer has the form that its tests demand: it isn't blank and, where
 * they name an entry point, it defines that name at its top level.
 */
export function format(answer: string, tests: HiddenTests): 0 | 1 {
  const name = tests.kind === 'suite' ? entryPoint(tests.suite) : '';
  if (name === '') return answer.trim() === '' ? 0 : 1;
  const escaped = name.replaceAll(/[^A-Za-z0-9_]/g, String.raw`\$&`);
  const definition = new RegExp(
    String.raw`^(?:(?:async\s+)?def|class)\s+${escaped}\b|^${escaped}\s*(?::[^=\n]+)?=(?!=)`,
    'm',
  );
  return definition.test(answer) ? 1 : 0;
}

function entryPoint(suite: Suite): string {
  switch (suite.suite?.$case) {
    case 'function':
    case 'unittest':
    case 'values':
      return suite.suite.value.entryPoint;
    case 'stdio':
    case undefined:
      return '';
  }
}
