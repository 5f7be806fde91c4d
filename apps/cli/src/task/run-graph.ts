import type { OperatorStarted, WorkflowEvent } from '@flowreasoner/contracts/workflow';
import type { GraphCluster, GraphEdge, GraphNode, WorkflowGraph } from '@flowreasoner/workflow';

/**
 * Draws what happened in a run from its events alone: one node for each operator
 * call, an edge to it from each call that had to end before it could begin, the
 * calls of one call of a helper together, and side by side what came equally late.
 */
export function runGraph(events: readonly WorkflowEvent[]): WorkflowGraph {
  const calls = events.flatMap(({ event }) => (event?.$case === 'operatorStarted' ? [event.value] : []));
  const failed = new Set(
    events.flatMap(({ event }) =>
      event?.$case === 'operatorFinished' && event.value.errorType !== '' ? [event.value.callId] : [],
    ),
  );
  const ids = new Map(calls.map(({ callId }, index) => [callId, `c${index + 1}`]));
  const idOf = (callId: string): string => ids.get(callId) ?? '';
  const nodes = calls.map((call) => toNode(call, idOf(call.callId), failed.has(call.callId)));
  const clusters = clustersOf(calls, idOf);
  const depths = depthsOf(calls, idOf);
  const clustered = new Set(clusters.flatMap(({ children }) => children));
  const ends = new Set(calls.flatMap(({ follows }) => follows));
  const last = calls.filter(({ callId }) => !ends.has(callId)).map(({ callId }) => idOf(callId));
  const edges: GraphEdge[] = [
    ...calls.flatMap(({ callId, follows }) =>
      (follows.length === 0 ? ['start'] : follows.map(idOf)).map((from) => edge(from, idOf(callId))),
    ),
    ...(last.length === 0 ? ['start'] : last).map((from) => edge(from, 'end')),
  ];
  const free = nodes
    .map(({ id }) => ({ id, depth: depths.get(id) ?? 0 }))
    .filter(({ id }) => !clustered.has(id));
  const helpers = clusters.map(({ id, children }) => ({
    id,
    depth: Math.min(...children.map((child) => depths.get(child) ?? 0)),
  }));
  const { rows, children } = inRows([...free, ...helpers]);
  return {
    nodes: [outer('start'), ...nodes, outer('end')],
    clusters: [...clusters, ...rows],
    edges: edges.filter(({ from }) => from !== ''),
    children: ['start', ...children, 'end'],
  };
}

/** How many calls came one after another before each call. */
function depthsOf(
  calls: readonly OperatorStarted[],
  idOf: (callId: string) => string,
): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  // Calls come after those that they follow.
  for (const { callId, follows } of calls) {
    const before = follows.map((other) => depths.get(idOf(other)) ?? 0);
    depths.set(idOf(callId), Math.max(0, ...before) + 1);
  }
  return depths;
}

/** From top to bottom in the order of depth; what has the same depth stands side by side. */
function inRows(items: readonly { readonly id: string; readonly depth: number }[]): {
  readonly rows: readonly GraphCluster[];
  readonly children: readonly string[];
} {
  const byDepth = new Map<number, string[]>();
  for (const { id, depth } of items) byDepth.set(depth, [...(byDepth.get(depth) ?? []), id]);
  const rows: GraphCluster[] = [];
  const children = [...byDepth.keys()]
    .sort((a, b) => a - b)
    .flatMap((depth) => {
      const row = byDepth.get(depth) ?? [];
      if (row.length === 1) return row;
      const id = `p${rows.length + 1}`;
      rows.push({ id, kind: 'parallel', label: 'side by side', children: row });
      return [id];
    });
  return { rows, children };
}

function toNode({ operator, position }: OperatorStarted, id: string, failed: boolean): GraphNode {
  const label = failed ? `${operator} (failed)` : operator;
  return { id, kind: 'operator', label, operator, line: position?.line ?? null };
}

function clustersOf(calls: readonly OperatorStarted[], idOf: (callId: string) => string): GraphCluster[] {
  const helpers = new Map<string, OperatorStarted[]>();
  for (const call of calls) {
    if (call.parentId !== '') helpers.set(call.parentId, [...(helpers.get(call.parentId) ?? []), call]);
  }
  return [...helpers.values()].map((members, index) => ({
    id: `h${index + 1}`,
    kind: 'function',
    label: members[0]?.function ?? '',
    children: members.map(({ callId }) => idOf(callId)),
  }));
}

function outer(id: 'start' | 'end'): GraphNode {
  return { id, kind: id, label: id, operator: null, line: null };
}

function edge(from: string, to: string): GraphEdge {
  return { from, to, label: '', kind: 'next' };
}
