import type { GraphEdge, WorkflowGraph } from './graph.js';
import { type Box, LABEL_HEIGHT, layoutGraph } from './layout.js';
import { labelsShown } from './shown-label.js';

const STYLE = `text{font:12px ui-monospace,monospace;fill:#222}
.cluster{fill:#7081a01a;stroke:#8a97ad}
.node{fill:#fff;stroke:#333}
.edge{fill:none;stroke:#555}
.again,.calls{stroke-dasharray:4 3}
.label{font-size:10px;fill:#555;stroke:#fff;stroke-width:3px;paint-order:stroke}`;

/** Width of a character of an edge's label, in pixels. */
const LABEL_CHARACTER_WIDTH = 6;
/** Pixels kept free around labels at the edges of the drawing. */
const MARGIN = 8;

/** A graph as an SVG document, drawn from top to bottom. */
export function graphToSvg(graph: WorkflowGraph): string {
  const { width, height, boxes } = layoutGraph(graph);
  const box = (id: string): Box => boxes.get(id) ?? { x: 0, y: 0, width: 0, height: 0 };
  const inOrder = [...graph.clusters].sort((a, b) => box(b.id).height - box(a.id).height);
  const clusters = inOrder.map(({ id, label }) => {
    const at = box(id);
    return `<rect class="cluster" ${area(at)} rx="6"/>${text(at.x + 8, at.y + LABEL_HEIGHT - 6, label, 'start')}`;
  });
  const all = graph.nodes.map(({ id }) => box(id));
  const paths = graph.edges.map((edge) => ({ ...edge, curve: curve(box(edge.from), box(edge.to), all) }));
  const edges = paths.map((path) => drawCurve(path.kind, path.curve));
  const shown = labelsShown(graph);
  const labels = paths.flatMap((path) => placeLabel(shown(path), path.curve));
  const left = Math.min(0, ...labels.map(({ from }) => from - MARGIN));
  const right = Math.max(width, ...labels.map(({ to }) => to + MARGIN));
  const nodes = graph.nodes.map(({ id, kind, label }) => {
    const at = box(id);
    const round = kind === 'operator' ? 4 : at.height / 2;
    const middle = text(at.x + at.width / 2, at.y + at.height / 2 + 4, label, 'middle');
    return `<rect class="node ${kind}" ${area(at)} rx="${number(round)}"/>${middle}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${number(right - left)}" height="${number(height)}" viewBox="${number(left)} 0 ${number(right - left)} ${number(height)}">`,
    `<style>${STYLE}</style>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>',
    `<rect x="${number(left)}" width="100%" height="100%" fill="#fff"/>`,
    ...clusters,
    ...edges,
    ...nodes,
    ...labels.map(({ drawn }) => drawn),
    '</svg>',
    '',
  ].join('\n');
}

function curve(from: Box, to: Box, nodes: readonly Box[]): Curve {
  return to.y > from.y ? downward(from, to, nodes) : upward(from, to);
}

function drawCurve(kind: GraphEdge['kind'], { start, middle, end }: Curve): string {
  return `<path class="edge ${kind}" d="M${point(start)}C${middle.map(point).join(' ')} ${point(end)}" marker-end="url(#arrow)"/>`;
}

interface PlacedLabel {
  /** Left and right end, in pixels. */
  readonly from: number;
  readonly to: number;
  readonly drawn: string;
}

/** Beside the middle of the curve, on the side to which it bends, where no node stands. */
function placeLabel(label: string, { start, middle: [first, second], end }: Curve): PlacedLabel[] {
  if (label === '') return [];
  // The middle of a cubic curve.
  const x = (start.x + 3 * first.x + 3 * second.x + end.x) / 8;
  const y = (start.y + 3 * first.y + 3 * second.y + end.y) / 8;
  const bendsLeft = x < Math.min(start.x, end.x);
  const width = [...label].length * LABEL_CHARACTER_WIDTH;
  const from = bendsLeft ? x - 4 - width : x + 4;
  const drawn = `<text class="label" x="${number(bendsLeft ? x - 4 : from)}" y="${number(y)}"${bendsLeft ? ' text-anchor="end"' : ''}>${escape(label)}</text>`;
  return [{ from, to: from + width, drawn }];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Curve {
  readonly start: Point;
  readonly middle: readonly [Point, Point];
  readonly end: Point;
}

/** Passes the nodes that stand between the two on the nearer side. */
function downward(from: Box, to: Box, nodes: readonly Box[]): Curve {
  const start = { x: from.x + from.width / 2, y: from.y + from.height };
  const end = { x: to.x + to.width / 2, y: to.y };
  const least = Math.min(start.x, end.x);
  const most = Math.max(start.x, end.x);
  const between = nodes.filter(
    (node) =>
      node.y >= start.y && node.y + node.height <= end.y && node.x <= most && node.x + node.width >= least,
  );
  const centre = (start.x + end.x) / 2;
  const left = Math.min(centre, ...between.map((node) => node.x - 12));
  const right = Math.max(centre, ...between.map((node) => node.x + node.width + 12));
  const aside = centre - left <= right - centre ? left : right;
  // The control points of a cubic curve pull its middle three quarters of the way.
  const pull = ((centre - aside) * 4) / 3;
  const bend = (end.y - start.y) / 2;
  return {
    start,
    middle: [
      { x: start.x - pull, y: start.y + bend },
      { x: end.x - pull, y: end.y - bend },
    ],
    end,
  };
}

/** Leaves and arrives on the right, so that it does not run over what goes down. */
function upward(from: Box, to: Box): Curve {
  const start = { x: from.x + from.width, y: from.y + from.height * 0.7 };
  const end = { x: to.x + to.width, y: to.y + to.height * 0.3 };
  const x = Math.max(start.x, end.x) + 36;
  return {
    start,
    middle: [
      { x, y: start.y },
      { x, y: end.y },
    ],
    end,
  };
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle'): string {
  return `<text x="${number(x)}" y="${number(y)}" text-anchor="${anchor}">${escape(content)}</text>`;
}

function area({ x, y, width, height }: Box): string {
  return `x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"`;
}

function point({ x, y }: Point): string {
  return `${number(x)} ${number(y)}`;
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** XML takes no control characters, however they are written. */
function escape(content: string): string {
  return content
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"]/g, (character) => `&#${String(character.codePointAt(0))};`);
}
