import { checkWorkflow, similarity } from '@flowreasoner/workflow';
import type { Program, WorkflowMeasures } from '@flowreasoner/workflow';
import type { AnalyzedWorkflow, WorkflowAnalyzer } from '../ports.js';

/** Analyses workflows by the language's own checker. */
export class CheckedWorkflowAnalyzer implements WorkflowAnalyzer {
  analyze(source: string): AnalyzedWorkflow | undefined {
    const { program, measures } = checkWorkflow(source);
    return program && measures ? new CheckedWorkflow(program, measures) : undefined;
  }
}

class CheckedWorkflow implements AnalyzedWorkflow {
  readonly #program: Program;

  constructor(
    program: Program,
    readonly measures: WorkflowMeasures,
  ) {
    this.#program = program;
  }

  similarityTo(other: AnalyzedWorkflow): number {
    if (!(other instanceof CheckedWorkflow))
      throw new TypeError('workflows of two analyzers have no similarity');
    return similarity(this.#program, other.#program);
  }
}
