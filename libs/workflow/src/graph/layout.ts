import type { WorkflowGraph } from './graph.js';

/** A box in the drawing, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where everything stands. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Boxes of nodes and clusters by id; a cluster comes before what is in it. */
  readonly boxes: ReadonlyMap<string, Box>;
}

/** Height of a node and of the line that names a cluster. */
const NODE_HEIGHT = 32;
/** Height of a cluster's label. */
export const LABEL_HEIGHT = 22;
const CHARACTER_WIDTH = 7.5;
const GAP = 28;
const PADDING = 14;

/**
 * Places what follows one another from top to bottom, and the alternatives of a
 * branch and the calls of a `gather` side by side.
 */
export function layoutGraph(graph: WorkflowGraph): Layout {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const clusters = new Map(graph.clusters.map((cluster) => [cluster.id, cluster]));
  const sizes = new Map<string, { readonly width: number; readonly height: number }>();
  const arrange = (children: readonly string[], beside: boolean): { width: number; height: number } => {
    const all = children.map(measure);
    const along = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) + GAP * Math.max(0, values.length - 1);
    const widths = all.map(({ width }) => width);
    const heights = all.map(({ height }) => height);
    return beside
      ? { width: along(widths), height: Math.max(0, ...heights) }
      : { width: Math.max(0, ...widths), height: along(heights) };
  };
  const measure = (id: string): { width: number; height: number } => {
    const node = nodes.get(id);
    const cluster = clusters.get(id);
    let size: { width: number; height: number };
    if (cluster === undefined) {
      size = { width: textWidth(node?.label ?? '') + 2 * PADDING, height: NODE_HEIGHT };
    } else {
      const inner = arrange(cluster.children, isBeside(cluster.kind));
      size = {
        width: Math.max(inner.width, textWidth(cluster.label)) + 2 * PADDING,
        height: inner.height + LABEL_HEIGHT + 2 * PADDING,
      };
    }
    sizes.set(id, size);
    return size;
  };
  const boxes = new Map<string, Box>();
  const place = (children: readonly string[], beside: boolean, area: Box): void => {
    const total = children.reduce(
      (sum, id) => sum + (sizes.get(id)?.width ?? 0),
      GAP * (children.length - 1),
    );
    let x = area.x + (area.width - total) / 2;
    let { y } = area;
    for (const id of children) {
      const size = sizes.get(id) ?? { width: 0, height: 0 };
      const box = { x: beside ? x : area.x + (area.width - size.width) / 2, y, ...size };
      boxes.set(id, box);
      const cluster = clusters.get(id);
      if (cluster !== undefined) {
        place(cluster.children, isBeside(cluster.kind), {
          x: box.x + PADDING,
          y: box.y + LABEL_HEIGHT + PADDING,
          width: box.width - 2 * PADDING,
          height: box.height - LABEL_HEIGHT - 2 * PADDING,
        });
      }
      if (beside) x += size.width + GAP;
      else y += size.height + GAP;
    }
  };
  const inner = arrange(graph.children, false);
  place(graph.children, false, { x: 3 * PADDING, y: PADDING, ...inner });
  return { width: inner.width + 6 * PADDING, height: inner.height + 2 * PADDING, boxes };
}

function isBeside(kind: string): boolean {
  return kind === 'if' || kind === 'parallel';
}

function textWidth(text: string): number {
  return [...text].length * CHARACTER_WIDTH;
}
