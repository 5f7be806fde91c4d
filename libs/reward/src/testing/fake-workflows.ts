import type { AnalyzedWorkflow, WorkflowAnalyzer } from '../ports.js';

interface FakeWorkflow extends AnalyzedWorkflow {
  readonly words: ReadonlySet<string>;
}

/** A workflow made of words: similarity is their Jaccard index, size their number. */
export function fakeWorkflow(source: string): AnalyzedWorkflow {
  const words = new Set(source.split(' '));
  const workflow: FakeWorkflow = {
    words,
    measures: { nodes: words.size, operatorCalls: words.size, depth: 1 },
    similarityTo: (other) => {
      const others = (other as FakeWorkflow).words;
      const common = [...words].filter((word) => others.has(word)).length;
      return common / (words.size + others.size - common);
    },
  };
  return workflow;
}

/** Takes every source but `broken` as a workflow of words. */
export const fakeAnalyzer: WorkflowAnalyzer = {
  analyze: (source) => (source === 'broken' ? undefined : fakeWorkflow(source)),
};
