// Where services stand on the map: callers before those they call, in columns from left to right, or on a narrow page in rows from
// top to bottom. Pure.

import type { Edge, InstanceState, SystemMap, Traffic } from "../map-contract.ts";

export type NodeState = InstanceState | "unknown";

/** What a box says of its traffic; of what answers no requests of its own, that of the calls to it. */
export type BoxTraffic = Pick<Traffic, "per_second" | "p99_ms">;

export interface PlacedNode {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly state: NodeState | null;
  readonly traffic: BoxTraffic;
}

export interface PlacedEdge {
  readonly edge: Edge;
  readonly path: string;
}

export interface MapLayout {
  readonly width: number;
  readonly height: number;
  readonly box: BoxSize;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

export interface BoxSize {
  readonly width: number;
  readonly height: number;
}

/** `wide`: from left to right. `tall`: from top to bottom, two boxes beside each other at most, for the width of a phone. */
export type MapShape = "wide" | "tall";

interface Shape {
  readonly box: BoxSize;
  /** Between boxes, in the direction of x and of y. */
  readonly gap: { readonly x: number; readonly y: number };
  readonly margin: number;
}

const SHAPES: Readonly<Record<MapShape, Shape>> = {
  wide: { box: { width: 184, height: 64 }, gap: { x: 96, y: 28 }, margin: 12 },
  tall: { box: { width: 154, height: 60 }, gap: { x: 12, y: 40 }, margin: 8 },
};
const TALL_ROW = 2;

type Shown = Pick<SystemMap, "nodes" | "edges" | "database">;

export function mapLayout(map: Shown, shape: MapShape = "wide"): MapLayout {
  const { nodes, edges } = map;
  const names = [
    ...new Set([...nodes.map(({ name }) => name), ...edges.flatMap(({ from, to }) => [from, to])]),
  ];
  const layers = layersOf(names.sort(), edges);
  const { width, height, places } = shape === "wide" ? wide(layers) : tall(layers);
  const placed = places.map((place): PlacedNode => ({ ...place, ...shownOf(place.name, map) }));
  const at = new Map(placed.map((node) => [node.name, node]));
  const curve = shape === "wide" ? wideCurve : tallCurve;
  return {
    width,
    height,
    box: SHAPES[shape].box,
    nodes: placed,
    edges: edges.flatMap((edge) => {
      const from = at.get(edge.from);
      const to = at.get(edge.to);
      return from && to && from !== to ? [{ edge, path: curve(from, to) }] : [];
    }),
  };
}

function shownOf(name: string, { nodes, edges, database }: Shown): Pick<PlacedNode, "state" | "traffic"> {
  const node = nodes.find((each) => each.name === name);
  if (node !== undefined) return node;
  const calls = edges.filter(({ to }) => to === name);
  return {
    state: calls.some(({ kind }) => kind === "database") ? database.state : null,
    // Nobody calls those outside: theirs are the calls that they make.
    traffic: together(calls.length > 0 ? calls : edges.filter(({ from }) => from === name)),
  };
}

function together(edges: readonly Edge[]): BoxTraffic {
  const slowest = edges.flatMap(({ traffic: { p99_ms } }) => (p99_ms === null ? [] : [p99_ms]));
  return {
    per_second: edges.reduce((sum, { traffic: { per_second } }) => sum + per_second, 0),
    p99_ms: slowest.length === 0 ? null : Math.max(...slowest),
  };
}

/** Each name stands one layer behind its nearest caller: calls in a circle then have a place, too. */
function layersOf(names: readonly string[], edges: readonly Edge[]): string[][] {
  const called = new Set(edges.filter(({ from, to }) => from !== to).map(({ to }) => to));
  const layer = new Map(names.filter((name) => !called.has(name)).map((name) => [name, 0]));
  let reached = [...layer.keys()];
  if (reached.length === 0 && names[0] !== undefined) {
    layer.set(names[0], 0);
    reached = [names[0]];
  }
  for (let depth = 1; reached.length > 0; depth += 1) {
    const next = edges.filter(({ from, to }) => reached.includes(from) && !layer.has(to)).map(({ to }) => to);
    reached = [...new Set(next)];
    for (const name of reached) layer.set(name, depth);
  }
  const layers: string[][] = [];
  for (const name of names) {
    const depth = layer.get(name) ?? 0;
    while (layers.length <= depth) layers.push([]);
    layers[depth]?.push(name);
  }
  return layers;
}

interface Places extends BoxSize {
  readonly places: readonly { readonly name: string; readonly x: number; readonly y: number }[];
}

/** The room of `count` boxes of `size` with gaps between them, and a margin around. */
const roomOf = (count: number, size: number, gap: number, margin: number): number =>
  Math.max(1, count) * (size + gap) - gap + 2 * margin;

function wide(layers: readonly (readonly string[])[]): Places {
  const { box, gap, margin } = SHAPES.wide;
  const height = roomOf(Math.max(1, ...layers.map((names) => names.length)), box.height, gap.y, margin);
  const places = layers.flatMap((names, x) => {
    const top = (height - roomOf(names.length, box.height, gap.y, 0)) / 2;
    return names.map((name, y) => ({
      name,
      x: margin + x * (box.width + gap.x),
      y: top + y * (box.height + gap.y),
    }));
  });
  return { width: roomOf(layers.length, box.width, gap.x, margin), height, places };
}

function tall(layers: readonly (readonly string[])[]): Places {
  const { box, gap, margin } = SHAPES.tall;
  const rows = layers.flatMap((names) =>
    Array.from({ length: Math.ceil(names.length / TALL_ROW) }, (_, row) =>
      names.slice(row * TALL_ROW, (row + 1) * TALL_ROW),
    ),
  );
  const width = roomOf(TALL_ROW, box.width, gap.x, margin);
  const places = rows.flatMap((names, y) => {
    const left = (width - roomOf(names.length, box.width, gap.x, 0)) / 2;
    return names.map((name, x) => ({
      name,
      x: left + x * (box.width + gap.x),
      y: margin + y * (box.height + gap.y),
    }));
  });
  return { width, height: roomOf(rows.length, box.height, gap.y, margin), places };
}

type Point = Pick<PlacedNode, "x" | "y">;

function wideCurve(from: Point, to: Point): string {
  const { box, gap } = SHAPES.wide;
  const [start, end] = [from.y + box.height / 2, to.y + box.height / 2];
  if (from.x === to.x) {
    const right = from.x + box.width;
    const bend = right + gap.x * 0.4;
    return `M${right},${start} C${bend},${start} ${bend},${end} ${right},${end}`;
  }
  const forward = to.x > from.x;
  const [begin, arrive] = [forward ? from.x + box.width : from.x, forward ? to.x : to.x + box.width];
  const half = (begin + arrive) / 2;
  return `M${begin},${start} C${half},${start} ${half},${end} ${arrive},${end}`;
}

function tallCurve(from: Point, to: Point): string {
  const { box, gap } = SHAPES.tall;
  const [start, end] = [from.x + box.width / 2, to.x + box.width / 2];
  if (from.y === to.y) {
    const bottom = from.y + box.height;
    const bend = bottom + gap.y * 0.6;
    return `M${start},${bottom} C${start},${bend} ${end},${bend} ${end},${bottom}`;
  }
  const forward = to.y > from.y;
  const [begin, arrive] = [forward ? from.y + box.height : from.y, forward ? to.y : to.y + box.height];
  const half = (begin + arrive) / 2;
  return `M${start},${begin} C${start},${half} ${end},${half} ${end},${arrive}`;
}
