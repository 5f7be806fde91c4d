import type { GraphEdge, WorkflowGraph } from './graph.js';

/**
 * Tells which label of an edge a drawing shows: none where the edge leads into
 * the frame of a branch or handler, which says the condition itself.
 */
export function labelsShown(graph: WorkflowGraph): (edge: GraphEdge) => string {
  const framed = new Map<string, ReadonlySet<string>>();
  const clusters = new Map(graph.clusters.map((cluster) => [cluster.id, cluster]));
  const visit = (children: readonly string[], frames: ReadonlySet<string>): void => {
    for (const id of children) {
      const cluster = clusters.get(id);
      if (cluster === undefined) {
        framed.set(id, frames);
        continue;
      }
      const isCondition = cluster.kind === 'branch' || cluster.kind === 'handler';
      visit(cluster.children, isCondition ? new Set([...frames, id]) : frames);
    }
  };
  visit(graph.children, new Set());
  return ({ from, to, label }) => {
    const around = framed.get(from);
    const entered = [...(framed.get(to) ?? [])].some((frame) => around?.has(frame) !== true);
    return entered ? '' : label;
  };
}
