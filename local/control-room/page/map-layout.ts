// Where services stand on the map: callers before those they call, in columns from left to right, or on a narrow page in rows from
// top to bottom; those who call nobody, such as the database, behind all of their callers. Pure.

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
  readonly box: Box;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

interface BoxSize {
  readonly width: number;
  readonly height: number;
}

export interface Box extends BoxSize {
  /** From its edge to its text. */
  readonly inset: number;
}

/** `wide`: from left to right. `tall`: from top to bottom, two boxes beside each other at most, for the width of a phone. */
export type MapShape = "wide" | "tall";

interface Shape {
  readonly box: Box;
  /** Between boxes, in the direction of x and of y. */
  readonly gap: { readonly x: number; readonly y: number };
  readonly margin: number;
  /** The direction in which calls lead from layer to layer, and the one across it. */
  readonly along: Axis;
  readonly across: Axis;
  /** How many boxes stand in a layer at most; more of them go on in the next one. */
  readonly most: number;
}

type Axis = "x" | "y";

const SHAPES: Readonly<Record<MapShape, Shape>> = {
  wide: {
    box: { width: 184, height: 64, inset: 12 },
    gap: { x: 96, y: 28 },
    margin: 12,
    along: "x",
    across: "y",
    most: Number.POSITIVE_INFINITY,
  },
  tall: {
    box: { width: 152, height: 60, inset: 8 },
    gap: { x: 8, y: 40 },
    margin: 6,
    along: "y",
    across: "x",
    most: 2,
  },
};
const sizeOf = ({ box }: Shape, axis: Axis): number => (axis === "x" ? box.width : box.height);

type Shown = Pick<SystemMap, "nodes" | "edges" | "database">;

export function mapLayout(map: Shown, shape: MapShape = "wide"): MapLayout {
  const { nodes, edges } = map;
  const names = [
    ...new Set([...nodes.map(({ name }) => name), ...edges.flatMap(({ from, to }) => [from, to])]),
  ];
  const calls = edges.filter(({ from, to }) => from !== to);
  const { width, height, places, pathOf } = drawing(
    layersOf(names.sort(), nodes, calls),
    calls,
    SHAPES[shape],
  );
  return {
    width,
    height,
    box: SHAPES[shape].box,
    nodes: places.map((place): PlacedNode => ({ ...place, ...shownOf(place.name, map) })),
    edges: calls.map((edge) => ({ edge, path: pathOf(edge) })),
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

type Call = Pick<Edge, "to" | "from">;

/**
 * Each name stands one layer behind its nearest caller: calls in a circle then have a place, too. Who calls nobody stands behind its
 * farthest caller instead, so that no call leads back to it. A service of this system that nobody calls does not stand among those
 * outside who call it.
 */
function layersOf(names: readonly string[], nodes: Shown["nodes"], calls: readonly Call[]): string[][] {
  const called = new Set(calls.map(({ to }) => to));
  const own = new Set(nodes.flatMap(({ name, origin }) => (origin === "own" ? [name] : [])));
  const uncalled = names.filter((name) => !called.has(name));
  const outside = uncalled.filter((name) => !own.has(name));
  const first = [outside, uncalled, names.slice(0, 1)].find((some) => some.length > 0) ?? [];
  const layer = new Map(first.map((name) => [name, 0]));
  let next = uncalled;
  for (let depth = 1; layer.size < names.length; depth += 1) {
    const reached = calls.filter(({ from }) => layer.get(from) === depth - 1).map(({ to }) => to);
    const here = [...next, ...reached].filter((name) => !layer.has(name));
    // Calls in a circle that nobody outside of it calls.
    if (here.length === 0) here.push(...names.filter((name) => !layer.has(name)).slice(0, 1));
    for (const name of here) layer.set(name, depth);
    next = [];
  }
  const callers = new Set(calls.map(({ from }) => from));
  for (const name of names.filter((each) => called.has(each) && !callers.has(each))) {
    const farthest = calls.filter(({ to }) => to === name).map(({ from }) => layer.get(from) ?? 0);
    layer.set(name, Math.max(...farthest) + 1);
  }
  const layers = Array.from({ length: Math.max(0, ...layer.values()) + 1 }, (_, depth) =>
    names.filter((name) => layer.get(name) === depth),
  );
  return layers.filter((some) => some.length > 0);
}

interface Drawing extends BoxSize {
  readonly places: readonly { readonly name: string; readonly x: number; readonly y: number }[];
  readonly pathOf: (call: Call) => string;
}

/** A call that passes layers has a lane in each of them, beside the boxes: behind a box it would look like a call to that one. */
function drawing(layers: readonly (readonly string[])[], calls: readonly Call[], shape: Shape): Drawing {
  const { gap, margin, along, across, most } = shape;
  const [length, breadth] = [sizeOf(shape, along), sizeOf(shape, across)];
  const rows = layers.flatMap((names) =>
    Array.from({ length: Math.ceil(names.length / most) || 1 }, (_, row) =>
      Number.isFinite(most) ? names.slice(row * most, (row + 1) * most) : names,
    ),
  );
  const rowOf = new Map(rows.flatMap((names, row) => names.map((name) => [name, row])));
  const passed = (call: Call): number[] => {
    const [from, to] = [rowOf.get(call.from) ?? 0, rowOf.get(call.to) ?? 0];
    const between = Array.from({ length: Math.max(0, Math.abs(to - from) - 1) }, (_, index) => index + 1);
    return between.map((step) => (to > from ? from + step : from - step));
  };
  const entries = rows.map((names, row) => {
    const lanes = calls.filter((call) => passed(call).includes(row)).map(({ to }) => to);
    return [...names, ...new Set(lanes)].sort();
  });
  const isBox = (name: string, row: number): boolean => rowOf.get(name) === row;
  const roomOf = (names: readonly string[], row: number): number =>
    names.reduce((room, name) => room + (isBox(name, row) ? breadth : 0) + gap[across], -gap[across]);
  const room = Math.max(breadth, ...entries.map(roomOf));
  /** Where the middle of each box and lane of a row is, across. */
  const middles = entries.map((names, row) => {
    let at = margin + (room - roomOf(names, row)) / 2;
    return new Map(
      names.map((name) => {
        const size = isBox(name, row) ? breadth : 0;
        const middle = at + size / 2;
        at += size + gap[across];
        return [name, middle];
      }),
    );
  });
  const startOf = (row: number): number => margin + row * (length + gap[along]);
  const middleOf = (name: string, row: number): number => middles[row]?.get(name) ?? 0;
  const point = (far: number, middle: number): string =>
    along === "x" ? `${far},${middle}` : `${middle},${far}`;
  const bend = gap[along] / 2;
  const pathOf = (call: Call): string => {
    const [from, to] = [rowOf.get(call.from) ?? 0, rowOf.get(call.to) ?? 0];
    const [start, end] = [middleOf(call.from, from), middleOf(call.to, to)];
    const leaves = startOf(from) + (to < from ? 0 : length);
    if (from === to) {
      const out = leaves + bend;
      return `M${point(leaves, start)} C${point(out, start)} ${point(out, end)} ${point(leaves, end)}`;
    }
    let [path, far, middle] = [`M${point(leaves, start)}`, leaves, start];
    for (const row of [...passed(call), to]) {
      const [enter, exit] =
        to < from ? [startOf(row) + length, startOf(row)] : [startOf(row), startOf(row) + length];
      const [half, next] = [(far + enter) / 2, middleOf(call.to, row)];
      path += ` C${point(half, middle)} ${point(half, next)} ${point(enter, next)}`;
      if (row !== to) path += ` L${point(exit, next)}`;
      [far, middle] = [exit, next];
    }
    return path;
  };
  // Lines within the last layer bend outwards.
  const last = rows.length - 1;
  const bends = calls.some(({ from, to }) => rowOf.get(from) === last && rowOf.get(to) === last);
  const total = {
    [along]: startOf(last) + length + margin + (bends ? bend : 0),
    [across]: room + 2 * margin,
  };
  return {
    width: total["x"] ?? 0,
    height: total["y"] ?? 0,
    places: rows.flatMap((names, row) =>
      names.map((name) => {
        const [far, side] = [startOf(row), middleOf(name, row) - breadth / 2];
        return along === "x" ? { name, x: far, y: side } : { name, x: side, y: far };
      }),
    ),
    pathOf,
  };
}
