import type { WorkflowGraph } from './graph.js';
import { labelsShown } from './shown-label.js';

const SHAPES = { start: 'circle', end: 'doublecircle', operator: 'box', call: 'cds', function: 'plaintext' };
const STYLES = { next: '', again: 'style=dashed, constraint=false', calls: 'style=dotted' };

/** A graph in Graphviz's language. */
export function graphToDot(graph: WorkflowGraph): string {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const clusters = new Map(graph.clusters.map((cluster) => [cluster.id, cluster]));
  const draw = (id: string, indent: string): string[] => {
    const node = nodes.get(id);
    if (node !== undefined)
      return [`${indent}${id} [label=${quote(node.label)}, shape=${SHAPES[node.kind]}];`];
    const cluster = clusters.get(id);
    return [
      `${indent}subgraph cluster_${id} {`,
      `${indent}  label=${quote(cluster?.label ?? '')};`,
      ...(cluster?.children ?? []).flatMap((child) => draw(child, `${indent}  `)),
      `${indent}}`,
    ];
  };
  const shown = labelsShown(graph);
  const edges = graph.edges.map((edge) => {
    const label = shown(edge);
    const attributes = [label === '' ? '' : `label=${quote(label)}`, STYLES[edge.kind]].filter(
      (text) => text !== '',
    );
    return `  ${edge.from} -> ${edge.to}${attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`};`;
  });
  return ['digraph workflow {', ...graph.children.flatMap((id) => draw(id, '  ')), ...edges, '}', ''].join(
    '\n',
  );
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
