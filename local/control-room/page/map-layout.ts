// Where services stand on the map: callers on the left of those they call. Pure.

import type { Edge, InstanceState, SystemMap, Traffic } from "../map-contract.ts";

export type NodeState = InstanceState | "unknown";

export interface PlacedNode {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly state: NodeState | null;
  readonly traffic: Traffic | null;
}

export interface PlacedEdge {
  readonly edge: Edge;
  readonly path: string;
}

export interface MapLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

export const BOX = { width: 184, height: 64 } as const;
const GAP = { x: 96, y: 28 } as const;
const MARGIN = 12;

export function mapLayout({ nodes, edges }: Pick<SystemMap, "nodes" | "edges">): MapLayout {
  const names = [
    ...new Set([...nodes.map(({ name }) => name), ...edges.flatMap(({ from, to }) => [from, to])]),
  ];
  const columns = columnsOf(names.sort(), edges);
  const rows = Math.max(1, ...columns.map((column) => column.length));
  const height = rows * (BOX.height + GAP.y) - GAP.y + 2 * MARGIN;
  const placed = columns.flatMap((column, x) => {
    const top = (height - (column.length * (BOX.height + GAP.y) - GAP.y)) / 2;
    return column.map((name, y): PlacedNode => {
      const node = nodes.find((each) => each.name === name);
      return {
        name,
        x: MARGIN + x * (BOX.width + GAP.x),
        y: top + y * (BOX.height + GAP.y),
        state: node?.state ?? null,
        traffic: node?.traffic ?? null,
      };
    });
  });
  const at = new Map(placed.map((node) => [node.name, node]));
  return {
    width: Math.max(1, columns.length) * (BOX.width + GAP.x) - GAP.x + 2 * MARGIN,
    height,
    nodes: placed,
    edges: edges.flatMap((edge) => {
      const from = at.get(edge.from);
      const to = at.get(edge.to);
      return from && to && from !== to ? [{ edge, path: curve(from, to) }] : [];
    }),
  };
}

/** Each name stands one column behind its nearest caller: calls in a circle then have a place, too. */
function columnsOf(names: readonly string[], edges: readonly Edge[]): string[][] {
  const called = new Set(edges.filter(({ from, to }) => from !== to).map(({ to }) => to));
  const column = new Map(names.filter((name) => !called.has(name)).map((name) => [name, 0]));
  let reached = [...column.keys()];
  if (reached.length === 0 && names[0] !== undefined) {
    column.set(names[0], 0);
    reached = [names[0]];
  }
  for (let depth = 1; reached.length > 0; depth += 1) {
    const next = edges
      .filter(({ from, to }) => reached.includes(from) && !column.has(to))
      .map(({ to }) => to);
    reached = [...new Set(next)];
    for (const name of reached) column.set(name, depth);
  }
  const columns: string[][] = [];
  for (const name of names) {
    const x = column.get(name) ?? 0;
    while (columns.length <= x) columns.push([]);
    columns[x]?.push(name);
  }
  return columns;
}

function curve(from: PlacedNode, to: PlacedNode): string {
  const middle = BOX.height / 2;
  if (from.x === to.x) {
    const right = from.x + BOX.width;
    const bend = right + GAP.x * 0.4;
    return `M${right},${from.y + middle} C${bend},${from.y + middle} ${bend},${to.y + middle} ${right},${to.y + middle}`;
  }
  const forward = to.x > from.x;
  const start = forward ? from.x + BOX.width : from.x;
  const end = forward ? to.x : to.x + BOX.width;
  const half = (start + end) / 2;
  return `M${start},${from.y + middle} C${half},${from.y + middle} ${half},${to.y + middle} ${end},${to.y + middle}`;
}
