import type { GraphNode, WorkflowGraph } from './graph.js';
import { labelsShown } from './shown-label.js';

const ARROWS = { next: '-->', again: '-.->', calls: '-.->' };

/** A graph in Mermaid's language. */
export function graphToMermaid(graph: WorkflowGraph): string {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const clusters = new Map(graph.clusters.map((cluster) => [cluster.id, cluster]));
  const draw = (id: string, indent: string): string[] => {
    const node = nodes.get(id);
    if (node !== undefined) return [`${indent}${name(id)}${shape(node)}`];
    const cluster = clusters.get(id);
    return [
      `${indent}subgraph ${id}[${quote(cluster?.label ?? '')}]`,
      ...(cluster?.children ?? []).flatMap((child) => draw(child, `${indent}  `)),
      `${indent}end`,
    ];
  };
  const shown = labelsShown(graph);
  const edges = graph.edges.map((edge) => {
    const label = shown(edge);
    return `  ${name(edge.from)} ${ARROWS[edge.kind]}${label === '' ? '' : `|${quote(label)}|`} ${name(edge.to)}`;
  });
  return ['flowchart TD', ...graph.children.flatMap((id) => draw(id, '  ')), ...edges, ''].join('\n');
}

/** `end` is a word of the language. */
function name(id: string): string {
  return id === 'start' || id === 'end' ? `at_${id}` : id;
}

function shape({ kind, label }: GraphNode): string {
  const text = quote(label);
  if (kind === 'start' || kind === 'end') return `((${text}))`;
  return kind === 'operator' ? `[${text}]` : `([${text}])`;
}

/** Characters that the language would read, and those that HTML would, as numbers. */
function quote(text: string): string {
  return `"${text.replace(/[^\w .,=+*/()-]/g, (character) => `#${String(character.codePointAt(0))};`)}"`;
}
