import type { SolveContext } from '../../solve/context.js';
import type { MetaModel } from '../meta-model.js';
import type { OperatorCatalogue } from '../operator-catalogue.js';
import type { Policy } from '../policy.js';
import type { ShapeSpace } from '../workflow-shape.js';

/** What the policy is made of. */
export interface LlmPolicyOptions {
  readonly context: SolveContext;
  readonly meta: MetaModel;
  readonly catalogue: OperatorCatalogue;
  readonly space: ShapeSpace;
}

export function createLlmPolicy(_options: LlmPolicyOptions): Policy {
  return { plan: () => undefined };
}
