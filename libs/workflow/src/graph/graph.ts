/** What a node of a graph stands for. */
export type GraphNodeKind = 'start' | 'end' | 'operator' | 'call' | 'function';

/** One node: an operator call, a call of a function that calls operators, the head of such a function, start or end. */
export interface GraphNode {
  readonly id: string;
  readonly kind: GraphNodeKind;
  readonly label: string;
  /** Operator name; null for other kinds. */
  readonly operator: string | null;
  /** Line in the source, from 1; null for start and end. */
  readonly line: number | null;
}

/** What a cluster stands for; those of kind `if` and `parallel` hold alternatives and calls side by side. */
export type GraphClusterKind = 'loop' | 'if' | 'branch' | 'parallel' | 'try' | 'handler' | 'function';

/** Nodes that belong together. */
export interface GraphCluster {
  readonly id: string;
  readonly kind: GraphClusterKind;
  readonly label: string;
  /** Ids of nodes and clusters in it, in the order of the source. */
  readonly children: readonly string[];
}

/** One node may come right after another. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** Under which condition; empty for always. */
  readonly label: string;
  /** `calls` leads from a call to the head of its function, `again` from the end of a loop's body to its beginning. */
  readonly kind: 'next' | 'again' | 'calls';
}

/** The operator calls of a program and the order in which they can come. */
export interface WorkflowGraph {
  readonly nodes: readonly GraphNode[];
  readonly clusters: readonly GraphCluster[];
  readonly edges: readonly GraphEdge[];
  /** Ids of nodes and clusters that are in no cluster, in the order of the source. */
  readonly children: readonly string[];
}
