import { checkWorkflow, measure, similarity } from '@flowreasoner/workflow';
import type { Program } from '@flowreasoner/workflow';
import type { AnalyzedWorkflow, WorkflowAnalyzer } from '../ports.js';

/** Analyses workflows by the language's own checker. */
export class CheckedWorkflowAnalyzer implements WorkflowAnalyzer {
  analyze(source: string): AnalyzedWorkflow | undefined {
    const { valid, program } = checkWorkflow(source);
    return valid && program ? new CheckedWorkflow(program) : undefined;
  }
}

class CheckedWorkflow implements AnalyzedWorkflow {
  readonly measures: AnalyzedWorkflow['measures'];
  readonly #program: Program;

  constructor(program: Program) {
    this.#program = program;
    this.measures = measure(program);
  }

  similarityTo(other: AnalyzedWorkflow): number {
    if (!(other instanceof CheckedWorkflow))
      throw new TypeError('workflows of two analyzers have no similarity');
    return similarity(this.#program, other.#program);
  }
}
