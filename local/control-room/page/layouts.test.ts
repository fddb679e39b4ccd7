import { describe, expect, test } from "@jest/globals";
import type { Edge, ServiceNode, Traffic } from "../map-contract.ts";
import type { SpanView } from "../telemetry-contract.ts";
import { mapLayout } from "./map-layout.ts";
import { waterfall } from "./waterfall.ts";

const traffic: Traffic = { window_ms: 10_000, per_second: 1, p50_ms: 1, p99_ms: 2, count: 10, errors: 0 };
const edge = (from: string, to: string): Edge => ({ from, to, kind: "http", traffic });
const database = { kind: "embedded", address: null, state: "ok" } as const;
const node = (name: string): ServiceNode => ({ name, origin: "own", state: "ok", instances: [], traffic });

/** Points along a path of `M`, `L` and `C`. */
function pointsOf(path: string): [number, number][] {
  const points: [number, number][] = [];
  let last: [number, number] = [0, 0];
  for (const [, letter = "", numbers = ""] of path.matchAll(/([MLC])([^MLC]*)/g)) {
    const values = numbers.trim().split(/[ ,]+/).map(Number);
    const corners = Array.from({ length: values.length / 2 }, (_, index): [number, number] => [
      values[2 * index] ?? Number.NaN,
      values[2 * index + 1] ?? Number.NaN,
    ]);
    const end = corners.at(-1) ?? last;
    if (letter === "M") points.push(end);
    else {
      const [one, other] = letter === "C" ? [corners[0] ?? end, corners[1] ?? end] : [last, end];
      for (let step = 1; step <= 50; step += 1) points.push(between([last, one, other, end], step / 50));
    }
    last = end;
  }
  return points;
}

/** De Casteljau's. */
function between(corners: readonly [number, number][], at: number): [number, number] {
  const [first, ...rest] = corners;
  if (first === undefined || rest.length === 0) return first ?? [Number.NaN, Number.NaN];
  const halves = rest.map((corner, index): [number, number] => {
    const before = corners[index] ?? corner;
    return [before[0] + (corner[0] - before[0]) * at, before[1] + (corner[1] - before[1]) * at];
  });
  return between(halves, at);
}

/** What a page of 360 px has for the map. */
const PHONE_PX = 342;

describe("the map", () => {
  test.each([
    ["on the left of", "wide", "x"],
    ["above", "tall", "y"],
  ] as const)("callers stand %s those they call, and no two boxes overlap", (_, shape, axis) => {
    const map = {
      database,
      nodes: ["gateway", "NotificationService", "OrderService", "PaymentService"].map(node),
      edges: [
        edge("client", "gateway"),
        edge("gateway", "NotificationService"),
        edge("gateway", "OrderService"),
        edge("gateway", "PaymentService"),
        edge("OrderService", "PaymentService"),
        edge("PaymentService", "OrderService"),
      ],
    };
    const { nodes, edges, width, height, box } = mapLayout(map, shape);
    const at = (name: string) => nodes.find((each) => each.name === name)?.[axis] ?? Number.NaN;
    expect(at("client")).toBeLessThan(at("gateway"));
    expect(at("gateway")).toBeLessThan(at("OrderService"));
    expect(edges).toHaveLength(6);
    for (const one of nodes) {
      expect(one.x + box.width).toBeLessThanOrEqual(width);
      expect(one.y + box.height).toBeLessThanOrEqual(height);
      for (const other of nodes) {
        const [x, y] = [Math.abs(one.x - other.x), Math.abs(one.y - other.y)];
        if (one !== other) expect(x < box.width && y < box.height).toBe(false);
      }
    }
  });

  const idle = ["NotificationService", "OrderService", "PaymentService"].map((name) =>
    edge(name, "database"),
  );
  const busy = [
    ...idle,
    edge("client", "gateway"),
    edge("gateway", "OrderService"),
    edge("gateway", "PaymentService"),
    edge("OrderService", "NotificationService"),
    edge("PaymentService", "NotificationService"),
    edge("PaymentService", "OrderService"),
    edge("PaymentService", "PaymentService"),
    edge("PaymentService", "sandbox"),
    edge("NotificationService", "mail"),
  ];
  const maps = {
    "that nobody uses": idle,
    "whose one service is called": [...idle, edge("client", "gateway"), edge("client", "OrderService")],
    "in use": busy,
    "that another program uses": [
      ...busy,
      edge("shop", "gateway"),
      edge("shop", "OrderService"),
      edge("shop", "database"),
    ],
    "in which two call each other": [edge("OrderService", "gateway"), edge("gateway", "OrderService")],
  };

  describe.each(Object.entries(maps))("of a system %s", (_, edges) => {
    const nodes = ["gateway", "NotificationService", "OrderService", "PaymentService"].map(node);

    test.each(["wide", "tall"] as const)("%s: lines stay in the drawing, and pass no other box", (shape) => {
      const layout = mapLayout({ database, nodes, edges }, shape);
      for (const { edge, path } of layout.edges) {
        const others = layout.nodes.filter(({ name }) => name !== edge.from && name !== edge.to);
        for (const [x, y] of pointsOf(path)) {
          expect(x >= 0 && x <= layout.width && y >= 0 && y <= layout.height).toBe(true);
          const behind = others.filter(
            (box) => x > box.x && x < box.x + layout.box.width && y > box.y && y < box.y + layout.box.height,
          );
          expect([edge.from, edge.to, behind.map(({ name }) => name)]).toEqual([edge.from, edge.to, []]);
        }
      }
    });

    test("all of it is on a phone's page", () => {
      expect(mapLayout({ database, nodes, edges }, "tall").width).toBeLessThanOrEqual(PHONE_PX);
    });
  });

  test("the database stands behind all who call it, and services that nobody calls beside those that are called", () => {
    const nodes = ["gateway", "NotificationService", "OrderService"].map(node);
    const edges = [
      edge("client", "gateway"),
      ...["NotificationService", "OrderService"].map((name) => edge(name, "database")),
    ];
    const columns = Object.fromEntries(
      mapLayout({ database, nodes, edges }).nodes.map(({ name, x }) => [name, Math.round(x / 280)]),
    );
    expect(columns).toEqual({ client: 0, gateway: 1, NotificationService: 1, OrderService: 1, database: 2 });
  });

  test("what answers no requests of its own shows the calls to it, and the database whether it works", () => {
    const { nodes } = mapLayout({
      database: { ...database, state: "down" },
      nodes: [node("OrderService"), node("PaymentService")],
      edges: [
        edge("client", "OrderService"),
        { ...edge("OrderService", "database"), kind: "database" },
        { ...edge("PaymentService", "database"), kind: "database" },
        { ...edge("PaymentService", "sandbox"), kind: "provider" },
      ],
    });
    const shown = Object.fromEntries(
      nodes.map(({ name, state, traffic }) => [name, [state, traffic.per_second]]),
    );
    expect(shown).toMatchObject({
      client: [null, 1],
      OrderService: ["ok", 1],
      database: ["down", 2],
      sandbox: [null, 1],
    });
  });

  test("calls in a circle have a place, and an empty map has a size", () => {
    const circle = [edge("a", "b"), edge("b", "a")];
    expect(mapLayout({ database, nodes: [], edges: circle }).nodes).toHaveLength(2);
    expect(mapLayout({ database, nodes: [], edges: [] })).toMatchObject({ nodes: [], edges: [] });
  });
});

describe("a trace's waterfall", () => {
  const span = (
    span_id: string,
    parent_span_id: string | null,
    started_at: number,
    duration_ms: number,
  ): SpanView => ({
    trace_id: "t",
    span_id,
    parent_span_id,
    service: "OrderService",
    instance: null,
    name: span_id,
    kind: "internal",
    started_at,
    duration_ms,
    failed: false,
    attributes: {},
  });

  test("spans stand below their parents, by time, with their share of the whole", () => {
    const rows = waterfall([
      span("c", "a", 150, 50),
      span("b", "a", 110, 20),
      span("a", null, 100, 100),
      span("d", "b", 115, 5),
    ]);
    expect(rows.map(({ span: { name }, depth }) => [name, depth])).toEqual([
      ["a", 0],
      ["b", 1],
      ["d", 2],
      ["c", 1],
    ]);
    expect(rows.map(({ offset, length }) => [offset, length])[3]).toEqual([0.5, 0.5]);
  });

  test("a span without its parent, and one that is its own, are shown", () => {
    expect(waterfall([span("a", "gone", 1, 0), span("b", "b", 1, 0)]).map(({ depth }) => depth)).toEqual([
      0, 0,
    ]);
  });

  test("those that are each other's parents are shown, and each once where a batch was sent twice", () => {
    const twice = ["a", "b", "c", "d"].flatMap((id, at) => {
      const one = span(id, at === 0 ? null : "abc".charAt(at - 1), at, 10);
      return [one, one];
    });
    const circle = [span("x", "y", 20, 1), span("y", "x", 21, 1), span("a", "d", 22, 1)];
    const rows = waterfall([...twice, ...circle]);
    expect(rows).toHaveLength(twice.length + circle.length);
    expect(rows.map(({ span: { name } }) => name).toSorted()).toEqual([..."aaabbccddxy"]);
  });
});
